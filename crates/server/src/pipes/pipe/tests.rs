//! Pipes over a store: what they answer, and to what.

mod built_in;
mod documented;
mod metrics;
mod own;
mod rig;
mod window;
