//! A pipe: a question with a name, typed parameters and columns. `load.rs` reads their files, `check/` turns a file into
//! a plan or says what is wrong with it, `run.rs` answers requests.

mod check;
mod column;
mod conditions;
mod load;
mod metrics;
mod moment;
mod passed;
mod plan;
mod points;
mod problem;
mod rows;
mod run;
mod section;
mod walk;

use std::path::Path;
use std::sync::Arc;

use tallyhouse_model::{AccountId, Micros, TableId};
use tallyhouse_store::{Snapshot, Stop};

use self::run::Answerer;
use super::answer::{Answer, AnswerColumn, Page};
use super::error::PipesError;

/// All pipes, built in or published by the operator, by name.
pub struct Pipes(Vec<Arc<Pipe>>);

impl Default for Pipes {
    /// The built-in pipes.
    fn default() -> Self {
        Self::load(None).expect("the built-in pipes are tested to be without problems")
    }
}

impl Pipes {
    /// The built-in pipes and those in the files of a folder. The error has a line per problem, each of which names
    /// file, line and problem.
    pub fn load(folder: Option<&Path>) -> Result<Self, String> {
        load::load(folder).map(Self)
    }

    /// The pipe of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Pipe>> {
        let found = self.0.binary_search_by(|pipe| pipe.name.as_str().cmp(name));
        found.ok().map(|index| &self.0[index])
    }

    /// All of them, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Pipe>> {
        self.0.iter()
    }
}

/// A question with a name.
pub struct Pipe {
    /// Its name in the URL.
    pub name: String,
    /// What it answers, in one or two sentences.
    pub description: String,
    /// What can be passed to it, besides `limit` and `offset`.
    pub parameters: Vec<Parameter>,
    /// Its columns when every flag is set.
    pub columns: Vec<AnswerColumn>,
    answerer: Answerer,
}

/// Something that can be passed to a pipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the query string.
    pub name: String,
    /// How its text is read.
    pub kind: ParameterKind,
    /// Whether a request without it is refused.
    pub is_required: bool,
    /// What is taken where it is not passed.
    pub default: Option<String>,
    /// What it is for.
    pub description: String,
}

/// How the text of a parameter is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// `YYYY-MM-DD HH:MM:SS`, and all that the contract accepts besides.
    DateTime,
    /// Any text.
    String,
    /// A number from 0 on.
    UInt64,
    /// 0 or 1.
    Flag,
    /// Texts with commas between, or the parameter repeated.
    Strings,
}

/// What a request reads from: one moment of the store, for one account.
pub struct Reader {
    /// The moment.
    pub snapshot: Arc<Snapshot>,
    /// Whose rows.
    pub account: AccountId,
    /// The account's name, which answers show as `client_id`.
    pub account_name: String,
    /// What ends its queries.
    pub stop: Stop,
    /// The time of the request, where a window ends that has no other end.
    pub now: Micros,
    /// Rows that arrived before this are all in the moment; of later ones some may not be there yet.
    pub settled: Micros,
}

impl Pipe {
    /// Which rows it answers from.
    pub fn table(&self) -> TableId {
        match &self.answerer {
            Answerer::Plan(plan) => plan.table,
            Answerer::Metrics => TableId::DemoActivity,
        }
    }

    /// Answers a request. `arguments` are the decoded pairs of query string and form, with those that a token fixes in
    /// place of what was sent; what no parameter is named by is ignored. Blocks.
    pub fn answer(
        &self,
        arguments: &[(String, String)],
        reader: &Reader,
        page: Page,
    ) -> Result<Answer, PipesError> {
        run::answer(self, arguments, reader, page)
    }
}

#[cfg(test)]
mod tests;
