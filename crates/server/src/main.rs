//! The binary `tallyhouse`: reads the command line and runs one command.

fn main() {}
