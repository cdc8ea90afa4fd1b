//! The loopback HTTP host.
