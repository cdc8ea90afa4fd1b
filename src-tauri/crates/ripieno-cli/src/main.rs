//! The ripieno command: client verbs and the headless daemon

fn main() {}
