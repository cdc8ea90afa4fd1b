//! What closing the window does.

/// What becomes of the window and the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The window goes; the program stays in the tray.
    ToTray,
    /// The window stays in the taskbar: without a tray it is the only way back.
    Minimise,
    /// The window goes and the program quits in order.
    Quit,
}

impl Closing {
    /// Decides by whether there is a tray, and by the setting `desktop.close_to_tray`.
    #[must_use]
    pub fn of(has_tray: bool, close_to_tray: bool) -> Self {
        match (close_to_tray, has_tray) {
            (false, _) => Self::Quit,
            (true, true) => Self::ToTray,
            (true, false) => Self::Minimise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_stays_reachable_or_quits() {
        assert_eq!(Closing::of(true, true), Closing::ToTray);
        assert_eq!(Closing::of(false, true), Closing::Minimise);
        assert_eq!(Closing::of(true, false), Closing::Quit);
        assert_eq!(Closing::of(false, false), Closing::Quit);
    }
}
