//! The video module.
