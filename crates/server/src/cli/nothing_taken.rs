//! The end of a command that was given rows and took none of them: a status of its own, so that scripts can tell.

use std::process::ExitCode;

/// The status of such a command: 1 is any other failure, 2 a wrong command line.
const STATUS: u8 = 3;

/// All rows were refused. They are in quarantine; nothing is broken.
#[derive(Debug, thiserror::Error)]
#[error("none of the rows was taken")]
pub(super) struct NothingTaken;

/// The status with which a failed command ends.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    if error.is::<NothingTaken>() { ExitCode::from(STATUS) } else { ExitCode::FAILURE }
}
