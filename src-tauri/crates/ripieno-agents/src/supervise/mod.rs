//! The supervisor of one run: the hidden verb `ripieno supervise` (R9).

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub use linux::main;

/// Says that this system has no supervisor.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn main(_args: impl IntoIterator<Item = std::ffi::OsString>) -> std::process::ExitCode {
    std::process::ExitCode::from(2)
}
