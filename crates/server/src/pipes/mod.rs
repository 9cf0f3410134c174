//! The pipes family: for now, the events endpoint that takes everything in.
