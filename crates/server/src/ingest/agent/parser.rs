//! The one thread that parses user agents.
//!
//! A compiled pattern keeps scratch memory for every thread that has used it. Measured with all patterns: 30 MB for one
//! thread, 350 MB for sixteen. Requests run on hundreds of threads, so they ask this one, which takes 20 to 40
//! microseconds for an agent; what comes often is answered from memory. Accounts take turns, so a flood of agents that
//! take long holds up those who send it: others wait for one such agent per agent of theirs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::{fmt, io, thread};

use tallyhouse_model::limits::TEXT_BYTES_MAX;
use tallyhouse_model::{AccountId, DeviceClass};
use ua_parser::Extractor;

use super::turns::Turns;
use super::{Agent, class, patterns};
use crate::ingest::device_info::{DEVICE_INFO_UNKNOWN, render_device_info};

/// Asks the thread. It ends when this is dropped.
pub struct AgentParser {
    questions: Arc<Turns<Question>>,
}

struct Question {
    agent: Box<str>,
    answer: SyncSender<Agent>,
}

impl AgentParser {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        Self::start_with(|| {
            let patterns =
                patterns::compile().expect("the patterns are constants that the tests have compiled");
            move |agent: &str| parse(&patterns, agent)
        })
    }

    /// Starts a thread that makes its way of parsing when the first agent comes.
    fn start_with<P: Fn(&str) -> Agent>(make: impl FnOnce() -> P + Send + 'static) -> io::Result<Self> {
        let questions = Arc::new(Turns::new());
        let asked = Arc::clone(&questions);
        thread::Builder::new().name("agents".into()).spawn(move || answer(&asked, make))?;
        Ok(Self { questions })
    }

    /// Waits for the answer. An agent that cannot be parsed is unknown.
    pub fn parse(&self, account: AccountId, agent: &str) -> Agent {
        let (answer, answered) = sync_channel(1);
        self.questions.push(account, Question { agent: agent.into(), answer });
        answered.recv().unwrap_or_else(|_| unknown())
    }
}

impl Drop for AgentParser {
    fn drop(&mut self) {
        self.questions.close();
    }
}

impl fmt::Debug for AgentParser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AgentParser").finish_non_exhaustive()
    }
}

/// Answers questions until nobody can ask any more. A panic costs the agent that it came with, and is logged once: what
/// a tenant can repeat must not fill the log. The agent itself is not logged, as it is not stored either.
fn answer<P: Fn(&str) -> Agent>(asked: &Turns<Question>, make: impl FnOnce() -> P) {
    let Some(mut question) = asked.next() else { return };
    // Patterns are only read; their scratch memory is renewed after a panic.
    let made = catch_unwind(AssertUnwindSafe(make));
    let mut is_logged = false;
    loop {
        let parsed = made
            .as_ref()
            .ok()
            .and_then(|parse| catch_unwind(AssertUnwindSafe(|| parse(&question.agent))).ok());
        if parsed.is_none() && !is_logged {
            tracing::error!("a user agent could not be parsed; it and others like it are taken as unknown");
            is_logged = true;
        }
        // Whoever asked may be gone.
        let _ = question.answer.send(parsed.unwrap_or_else(unknown));
        match asked.next() {
            Some(next) => question = next,
            None => return,
        }
    }
}

fn unknown() -> Agent {
    Agent { device: DeviceClass::Other, device_info: DEVICE_INFO_UNKNOWN.into() }
}

/// The device family that the patterns give to everything that crawls.
const CRAWLER: &str = "Spider";

fn parse(patterns: &Extractor<'_>, agent: &str) -> Agent {
    let (browser, os, device) = patterns.extract(agent);
    let is_crawler = device.as_ref().is_some_and(|device| device.device == CRAWLER);
    let browser = browser.unwrap_or_default();
    let os = os.unwrap_or_default();
    let device = device.unwrap_or_default();
    let device_info = render_device_info([
        &[
            known(&browser.family),
            browser.major.and_then(known),
            browser.minor.and_then(known),
            browser.patch.and_then(known),
        ],
        &[
            known(&os.os),
            os.major.as_deref().and_then(known),
            os.minor.as_deref().and_then(known),
            os.patch.as_deref().and_then(known),
            os.patch_minor.as_deref().and_then(known),
        ],
        &[
            known(&device.device),
            device.brand.as_deref().and_then(known),
            device.model.as_deref().and_then(known),
        ],
    ]);
    let device = if is_crawler { DeviceClass::Other } else { class::class_of(agent) };
    Agent { device, device_info: device_info.into() }
}

/// A text that says something, within the bound of texts in records, so that what is exported can be imported.
fn known(text: &str) -> Option<&str> {
    let text = text[..text.floor_char_boundary(TEXT_BYTES_MAX)].trim();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId(1);

    #[test]
    fn a_panic_costs_one_agent_and_not_the_thread() {
        let parser = AgentParser::start_with(|| {
            |agent: &str| {
                assert_ne!(agent, "bad", "on purpose");
                Agent { device: DeviceClass::Tv, device_info: agent.into() }
            }
        });
        let parser = parser.unwrap();
        for _ in 0..2 {
            assert_eq!(parser.parse(ACCOUNT, "bad"), unknown());
            assert_eq!(&*parser.parse(ACCOUNT, "good").device_info, "good");
        }
    }

    #[test]
    fn without_patterns_every_agent_is_unknown() {
        let parser = AgentParser::start_with(|| -> fn(&str) -> Agent { panic!("on purpose") }).unwrap();
        assert_eq!(parser.parse(ACCOUNT, "one"), unknown());
        assert_eq!(parser.parse(ACCOUNT, "two"), unknown());
    }
}
