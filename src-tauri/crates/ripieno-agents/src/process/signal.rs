//! Names of signals, for people.

/// The name of a signal of this system, or `signal N` when it has none.
#[must_use]
pub fn signal_name(signal: i32) -> String {
    #[cfg(unix)]
    if let Some(name) = signal_hook::low_level::signal_name(signal) {
        return name.to_owned();
    }
    format!("signal {signal}")
}

#[cfg(all(test, unix))]
mod tests {
    use super::signal_name;

    #[test]
    fn known_signals_have_names_and_others_numbers() {
        assert_eq!(signal_name(9), "SIGKILL");
        assert_eq!(signal_name(11), "SIGSEGV");
        assert_eq!(signal_name(77), "signal 77");
    }
}
