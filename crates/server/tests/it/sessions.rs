//! Signing in: through the URLs of a server in a folder of its own, on the command line, and what of it is never told.

mod attempts;
mod command_line;
mod documented;
mod life;
mod logins;
mod requests;
mod rig;
mod secrets;
