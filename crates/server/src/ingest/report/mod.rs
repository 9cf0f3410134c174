//! What reports own: their images, and what was chosen in the fields of their forms. Each is sent as a list inside of its
//! report, is held against rules of its own, and becomes a row of its own table.

mod form_fields;
mod images;
mod owned_list;

pub use form_fields::form_fields;
pub use images::images;
pub use owned_list::OwnedList;

#[cfg(test)]
mod tests;
