//! Pipes over a store: what they answer, and to what.

mod built_in;
mod columns;
mod documented;
mod filters;
mod metrics;
mod own;
mod passes;
mod rig;
mod segments;
mod series;
mod window;
