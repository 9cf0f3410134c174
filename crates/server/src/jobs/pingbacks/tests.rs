//! Delivering to receivers on this machine, at times of the tests' choice.

mod delivery;
mod names;
mod order;
mod rig;
mod signed;
