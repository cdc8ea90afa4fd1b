//! The law as rules: the whole matrix, random walks, fencing, holds, and the small readers.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test, also in what the tests share

mod budgets;
mod drive;
mod fence;
mod hold_table;
mod hold_world;
mod matrix;
mod readers;
mod rules;
mod walk;
mod wishes;
mod world;
