//! The reports family: golden answers, disputed readings, errors, narrowing and paging, against records that came in as
//! events.

mod answers;
mod documented;
mod protocol;
mod readings;
mod resources;
mod rig;
