//! Why a gate is closed.

use std::fmt;

/// Names one way to close the gate (S4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseReason {
    /// The worker has not finished its start-up reconciliation (C2).
    Starting,
    /// A person paused the whole worker.
    UserPause,
    /// An update waits for idle, or holds the barrier (U2).
    Update,
    /// The disk has less free space than `disk.min_free` (C6).
    Disk,
    /// The worker is quitting (C7).
    Shutdown,
}

impl CloseReason {
    /// Every reason, the one a person should be shown first at the front.
    pub const ALL: [Self; 5] = [
        Self::Shutdown,
        Self::Starting,
        Self::Update,
        Self::Disk,
        Self::UserPause,
    ];

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Returns the word used in events and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::UserPause => "paused",
            Self::Update => "updating",
            Self::Disk => "disk_space",
            Self::Shutdown => "stopping",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Holds the reasons that are in force at once; the gate is open when there is none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct CloseReasons(u8);

impl CloseReasons {
    /// Returns the empty set: an open gate.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Tells whether no reason is in force.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Tells whether `reason` is in force.
    #[must_use]
    pub const fn contains(self, reason: CloseReason) -> bool {
        self.0 & reason.bit() != 0
    }

    /// Iterates over the reasons in force, the most telling first.
    pub fn iter(self) -> impl Iterator<Item = CloseReason> {
        CloseReason::ALL
            .into_iter()
            .filter(move |reason| self.contains(*reason))
    }

    /// Returns the reason a person should be shown, if any is in force.
    #[must_use]
    pub fn first(self) -> Option<CloseReason> {
        self.iter().next()
    }

    pub(crate) const fn with(self, reason: CloseReason) -> Self {
        Self(self.0 | reason.bit())
    }

    pub(crate) const fn without(self, reason: CloseReason) -> Self {
        Self(self.0 & !reason.bit())
    }
}

impl FromIterator<CloseReason> for CloseReasons {
    fn from_iter<I: IntoIterator<Item = CloseReason>>(reasons: I) -> Self {
        reasons.into_iter().fold(Self::none(), Self::with)
    }
}

impl fmt::Debug for CloseReasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl fmt::Display for CloseReasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, reason) in self.iter().enumerate() {
            if n > 0 {
                f.write_str(", ")?;
            }
            f.write_str(reason.as_str())?;
        }
        Ok(())
    }
}
