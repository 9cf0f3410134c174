//! The one thread that parses user agents.
//!
//! A compiled pattern keeps scratch memory for every thread that has used it. Measured with all patterns: 30 MB for one
//! thread, 350 MB for sixteen. Requests run on hundreds of threads, so they ask this one, which takes 20 to 40
//! microseconds for an agent; what comes often is answered from memory.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::{fmt, io, thread};

use tallyhouse_model::limits::TEXT_BYTES_MAX;
use ua_parser::Extractor;

use super::{Agent, DeviceClass, patterns};
use crate::ingest::device_info::render_device_info;

/// Asks the thread. It ends when this is dropped.
pub struct AgentParser {
    /// Holds one question per asking thread at most, since each waits for its answer.
    questions: Sender<Question>,
}

struct Question {
    agent: Box<str>,
    answer: SyncSender<Agent>,
}

impl AgentParser {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let (questions, asked) = channel();
        thread::Builder::new().name("agents".into()).spawn(move || answer(&asked))?;
        Ok(Self { questions })
    }

    /// Waits for the answer.
    pub fn parse(&self, agent: &str) -> Agent {
        let (answer, answered) = sync_channel(1);
        let asked = self.questions.send(Question { agent: agent.into(), answer });
        asked.expect("the thread listens as long as there is somebody to ask");
        answered.recv().expect("the thread answers every question")
    }
}

impl fmt::Debug for AgentParser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AgentParser").finish_non_exhaustive()
    }
}

fn answer(asked: &Receiver<Question>) {
    let Ok(mut question) = asked.recv() else { return };
    let patterns = patterns::compile().expect("the patterns are constants that the tests have compiled");
    loop {
        // Whoever asked may be gone.
        let _ = question.answer.send(parse(&patterns, &question.agent));
        match asked.recv() {
            Ok(next) => question = next,
            Err(_) => return,
        }
    }
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
    let device = if is_crawler { DeviceClass::Other } else { DeviceClass::of(agent) };
    Agent { device, device_info: device_info.into() }
}

/// A text that says something, within the bound of texts in records, so that what is exported can be imported.
fn known(text: &str) -> Option<&str> {
    let text = text[..text.floor_char_boundary(TEXT_BYTES_MAX)].trim();
    (!text.is_empty()).then_some(text)
}
