//! Updates against a server on loopback, with the real program in two versions (U1-U4, rel-15, rel-16): tasks are never
//! interrupted, whatever breaks, and a program starts after every kill.

#[path = "../rig/releases.rs"]
mod releases;
#[path = "../rig/mod.rs"]
mod rig;

mod arrivals;
mod broken;
mod kills;
mod offers;
mod stage;
mod waits;
