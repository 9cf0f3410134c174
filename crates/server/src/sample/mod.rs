//! Sample data: made-up viewing of made-up viewers, the same for the same seed on every machine.
//!
//! `plan` spreads sessions over hours, `session` cuts a session into segments, `world` says what there is to
//! watch, with what and from where, and [`batches`] turns it into rows, roughly in the order of time. [`DemoSample`]
//! does the same for demos and those who look at them, [`ReportSample`] for reports from the field, [`SharingSample`] for
//! messages and what people did with them.

mod batches;
mod calendar;
mod demos;
mod plan;
mod random;
mod reports;
mod session;
mod sharing;
mod world;

pub use batches::{SampleOptions, batches};
pub use demos::DemoSample;
pub use reports::ReportSample;
pub use sharing::{SampleMessage, SamplePublication, SharingSample};
