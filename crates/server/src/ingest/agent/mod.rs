//! User agents: what one says about a device, and the class of device that it stands for.
//!
//! `patterns` holds the compiled patterns, `parser` the thread that applies them, `turns` who is next, `memory` what it
//! has answered, `class` our own rules for the class. [`Agents`] puts them together; one is shared by the whole process.

mod class;
mod memory;
mod parser;
mod patterns;
#[cfg(test)]
mod tests;
mod turns;

use std::io;
use std::sync::Arc;

use tallyhouse_model::{AccountId, DeviceClass};

use self::memory::AgentMemory;
use self::parser::AgentParser;

/// What a user agent says about a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The class of device.
    pub device: DeviceClass,
    /// The documented `device_info` object as compact JSON.
    pub device_info: Arc<str>,
}

/// Bytes of a user agent that are looked at. What browsers send is a third of it; the cost of a hostile one grows with
/// its length, to some milliseconds here.
const AGENT_BYTES_MAX: usize = 1_024;

/// Knows user agents.
#[derive(Debug)]
pub struct Agents {
    memory: AgentMemory,
    parser: AgentParser,
}

impl Agents {
    /// Starts the thread that parses. The patterns are compiled when the first agent comes.
    pub fn start() -> io::Result<Self> {
        Ok(Self { memory: AgentMemory::default(), parser: AgentParser::start()? })
    }

    /// What this user agent says. If that is not known yet, waits for the account's turn.
    pub fn find(&self, account: AccountId, agent: &str) -> Arc<Agent> {
        let agent = &agent[..agent.floor_char_boundary(AGENT_BYTES_MAX)];
        self.memory.get(agent).unwrap_or_else(|| {
            let found = Arc::new(self.parser.parse(account, agent));
            self.memory.put(agent, Arc::clone(&found));
            found
        })
    }
}
