//! Tests against the whole program, one module per concern.

mod video;
