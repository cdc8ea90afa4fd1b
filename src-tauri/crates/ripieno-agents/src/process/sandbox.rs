//! How far a performer's processes are kept from the rest of the machine (sec-10): the one place that says so, for the
//! launcher that applies it and for every surface that shows it.

/// How far processes are kept apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sandbox {
    /// Not at all: they run with the rights of the person.
    None,
}

impl Sandbox {
    /// What the launcher of this system applies.
    #[must_use]
    pub fn applied() -> Self {
        Sandbox::None
    }

    /// The word in views.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Sandbox::None => "none",
        }
    }
}
