//! The public API of the store, held against a plain model in memory.
//!
//! `oracle` is the model, `questions` is what both are asked, `pair` feeds both alike and compares. On these stand the
//! random walks (`random`, and `owned` with a model of its own), the threads (`races`), the flipped bits (`damage`), and the tests that each name one
//! tricky case (`exactness`, `bounds`, `identities`). No test sleeps or depends on another.

mod arbitrary;
mod bounds;
mod damage;
mod exactness;
mod folders;
mod identities;
mod oracle;
mod owned;
mod pair;
mod questions;
mod races;
mod random;
mod refusals;
mod rows;
