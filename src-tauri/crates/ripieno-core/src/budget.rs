//! What a task may use, what it has used, and what a breach asks (T17).

use crate::ask::{Answer, Ask, AskKind, AskOption, AskPurpose, AskSpec, STOP};

/// The option that goes on.
const MORE: &str = "more";

/// What is capped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Tokens: input, output and what was written to a cache. What is read from a cache was counted when it got there.
    Tokens,
    /// Money, in millionths of a US dollar.
    Money,
}

impl Unit {
    /// How the keys of its asks begin; the new cap follows.
    fn key(self) -> &'static str {
        match self {
            Unit::Tokens => "budget:tokens:",
            Unit::Money => "budget:money:",
        }
    }

    /// A figure as people read it.
    fn words(self, figure: u64) -> String {
        match self {
            Unit::Tokens => format!("{} tokens", grouped(figure)),
            Unit::Money => {
                let parts = format!("{:06}", figure % 1_000_000);
                let cents = parts.trim_end_matches('0');
                format!("${}.{cents:0<2}", grouped(figure / 1_000_000))
            }
        }
    }
}

/// The caps of a task; none where nothing is capped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Caps {
    /// On tokens.
    pub tokens: Option<u64>,
    /// On money, in millionths of a US dollar.
    pub micros: Option<u64>,
}

/// What was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Used {
    /// Tokens, as [`Unit::Tokens`] counts them.
    pub tokens: u64,
    /// Money, in millionths of a US dollar, as far as agents tell it.
    pub micros: u64,
}

/// Why a task may not go on without a person's word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breach {
    /// The cap is reached.
    Spent {
        /// Of what.
        unit: Unit,
        /// How much was used.
        used: u64,
        /// The cap.
        cap: u64,
    },
    /// There is a cap on what the agent does not tell.
    Untold {
        /// Of what.
        unit: Unit,
        /// The cap.
        cap: u64,
    },
}

impl Caps {
    /// These caps; 0 is none.
    #[must_use]
    pub fn new(tokens: Option<u64>, micros: Option<u64>) -> Self {
        Caps {
            tokens: tokens.filter(|cap| *cap > 0),
            micros: micros.filter(|cap| *cap > 0),
        }
    }

    /// Whether nothing is capped.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Caps::default()
    }

    /// The smaller of both, each.
    #[must_use]
    pub fn narrowest(self, other: Caps) -> Self {
        let smaller = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Caps {
            tokens: smaller(self.tokens, other.tokens),
            micros: smaller(self.micros, other.micros),
        }
    }

    /// What a person has raised them to since; without limit where they were lifted.
    #[must_use]
    pub fn raised(self, asks: &[Ask]) -> Self {
        let of = |unit: Unit, cap: Option<u64>| {
            let raised = asks.iter().filter_map(|ask| raise(ask, unit)).max();
            cap.map(|cap| raised.map_or(cap, |raised| cap.max(raised)))
                .filter(|cap| *cap < u64::MAX)
        };
        Caps {
            tokens: of(Unit::Tokens, self.tokens),
            micros: of(Unit::Money, self.micros),
        }
    }

    /// Why a task that has used so much may not go on; `None` when it may.
    #[must_use]
    pub fn breach(self, used: Used) -> Option<Breach> {
        let spent = |unit: Unit, used: u64, cap: Option<u64>| {
            let cap = cap.filter(|cap| used >= *cap)?;
            Some(Breach::Spent { unit, used, cap })
        };
        spent(Unit::Tokens, used.tokens, self.tokens)
            .or_else(|| spent(Unit::Money, used.micros, self.micros))
    }

    /// What is capped and not told by an agent that tells tokens, or money, or not.
    #[must_use]
    pub fn untold(self, tells_tokens: bool, tells_money: bool) -> Option<Breach> {
        let untold = |unit: Unit, told: bool, cap: Option<u64>| {
            let cap = cap.filter(|_| !told)?;
            Some(Breach::Untold { unit, cap })
        };
        untold(Unit::Tokens, tells_tokens, self.tokens)
            .or_else(|| untold(Unit::Money, tells_money, self.micros))
    }

    fn of(self, unit: Unit) -> Option<u64> {
        match unit {
            Unit::Tokens => self.tokens,
            Unit::Money => self.micros,
        }
    }
}

impl Breach {
    /// What the person is asked: to go on with as much again as `first` caps, or to stop.
    #[must_use]
    pub fn ask(self, first: Caps) -> AskSpec {
        let (unit, text, more, cap) = match self {
            Breach::Spent { unit, used, cap } => {
                let raised = used.saturating_add(first.of(unit).unwrap_or(cap));
                let text = format!(
                    "The budget of this task is spent: {} of {}. Go on, or stop?",
                    unit.words(used),
                    unit.words(cap)
                );
                (
                    unit,
                    text,
                    format!("Go on, up to {}", unit.words(raised)),
                    raised,
                )
            }
            Breach::Untold { unit, cap } => {
                let what = match unit {
                    Unit::Tokens => "how many tokens it uses",
                    Unit::Money => "what its calls cost",
                };
                let text = format!(
                    "This agent does not tell {what}, so the budget of {} cannot be watched. Go on without it, or stop?",
                    unit.words(cap)
                );
                (unit, text, "Go on without it".to_owned(), u64::MAX)
            }
        };
        AskSpec {
            kind: AskKind::Budget,
            purpose: AskPurpose::Budget,
            options: vec![
                AskOption::new(MORE, more),
                AskOption::new(STOP, "Stop the task"),
            ],
            allows_text: false,
            key: Some(format!("{}{cap}", unit.key())),
            ..AskSpec::question(text)
        }
    }
}

/// The cap this ask was answered with.
fn raise(ask: &Ask, unit: Unit) -> Option<u64> {
    let more = matches!(
        ask.answered.as_ref().map(|answered| &answered.value),
        Some(Answer::Option { id, .. }) if id == MORE
    );
    let key = ask.spec.key.as_deref().filter(|_| more)?;
    let ours = ask.spec.purpose == AskPurpose::Budget;
    key.strip_prefix(unit.key())?.parse().ok().filter(|_| ours)
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
