//! The desktop application; everything is in the library.

// A release on Windows opens no console beside the tray.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    ripieno_desktop::run()
}
