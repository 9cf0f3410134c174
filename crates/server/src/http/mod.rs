//! HTTP: the router, the state that handlers share, and what all families need.

pub mod secret;
mod state;

pub use state::AppState;
