//! HTTP: the router, the state that handlers share, the server itself, and what all families need.

mod access_log;
mod blocking;
pub mod client_address;
mod departure;
mod encodings;
mod gate;
pub mod gathering;
pub mod given_time;
mod health;
mod layers;
mod listen;
mod pause;
pub mod pieces;
mod places;
pub mod query_string;
pub mod received;
mod request_id;
mod router;
pub mod secret;
mod server;
mod server_timing;
mod state;
mod unread;

pub use blocking::{Lost, blocking};
pub use departure::{StopOnDrop, stop_after_seconds};
pub use gate::{Crowded, Gate, Inside};
pub use layers::layered;
pub use listen::{ListenError, listen};
pub use places::{NoPlace, PLACE_WAIT_MAX, Place, Places};
pub use request_id::RequestId;
pub use router::{bare_router, router};
pub use server::serve;
pub use server_timing::{Cost, server_timing};
pub use state::AppState;
