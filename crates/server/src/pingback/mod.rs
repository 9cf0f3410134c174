//! Telling others: which addresses may be told anything, how it is sent and signed, and when it is tried again.
//!
//! | file | what it does |
//! |---|---|
//! | `uri` | what can be told from the text of a URI alone |
//! | `address` | which addresses may be connected to |
//! | `network` | looking names up and connecting, which tests bring their own of |
//! | `lookups` | how many names are looked up at the same time |
//! | `sender` | one attempt: resolve, check, connect, post, read the status |
//! | `sign` | what proves to the receiver who sent it |
//! | `schedule` | when it is tried again |
//!
//! Nothing here knows the catalog, which takes URIs and secrets from here, and nothing follows redirects, uses a proxy or reads the environment.

mod address;
mod lookups;
mod network;
mod schedule;
mod sender;
mod sign;
mod uri;

pub use self::address::Networks;
pub use self::network::{Connecting, Network, SystemNetwork};
pub use self::schedule::{GIVEN_UP_AFTER, next_attempt};
pub use self::sender::{ATTEMPT_TIME_MAX, Letter, Sender, SenderOptions, SendingError, Sent, roots};
pub use self::sign::{SECRET_BYTES, SigningSecret, signatures};
pub use self::uri::{Endpoint, Host, check_uri};
