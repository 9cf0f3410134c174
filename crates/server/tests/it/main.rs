//! Tests against the whole program, one module per concern.

mod cli;
mod crash;
mod damage;
mod ledger;
mod process;
mod random;
