//! `all(NAME)` and `any(NAME)`, parsed once and never evaluated as text.

use crate::name::Name;
use crate::schema::Aggregate;

/// What the `when` of an outcome says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// A performer reported this name.
    Is(Name),
    /// A statement about all performers of a parallel movement.
    Together(Aggregate),
}

/// Reads a `when`; the error is a sentence.
pub(crate) fn parse(text: &str) -> Result<Condition, String> {
    let Some((head, rest)) = text.split_once('(') else {
        return Name::new(text)
            .map(Condition::Is)
            .map_err(|refused| refused.to_string());
    };
    let inner = rest
        .trim_end()
        .strip_suffix(')')
        .ok_or_else(|| "a closing parenthesis is missing".to_owned())?;
    let name = Name::new(inner.trim()).map_err(|refused| refused.to_string())?;
    match head.trim() {
        "all" => Ok(Condition::Together(Aggregate::All(name))),
        "any" => Ok(Condition::Together(Aggregate::Any(name))),
        other => Err(format!(
            "\"{other}(...)\" is unknown; there are all(NAME) and any(NAME)"
        )),
    }
}

impl Aggregate {
    /// Tells whether the statement holds for the outcomes the performers reported.
    ///
    /// Nothing holds for no performers: an empty `all` is never a success.
    pub fn holds<'a>(&self, reported: impl IntoIterator<Item = &'a Name>) -> bool {
        let mut reported = reported.into_iter().peekable();
        if reported.peek().is_none() {
            return false;
        }
        match self {
            Aggregate::All(name) => reported.all(|outcome| outcome == name),
            Aggregate::Any(name) => reported.any(|outcome| outcome == name),
        }
    }

    /// The outcome the statement speaks about.
    #[must_use]
    pub fn outcome(&self) -> &Name {
        match self {
            Aggregate::All(name) | Aggregate::Any(name) => name,
        }
    }
}

impl std::fmt::Display for Aggregate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Aggregate::All(name) => write!(f, "all({name})"),
            Aggregate::Any(name) => write!(f, "any({name})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn plain_names_and_aggregates_are_read() {
        assert_eq!(parse("ready"), Ok(Condition::Is(name("ready"))));
        let all = Condition::Together(Aggregate::All(name("approved")));
        assert_eq!(parse("all(approved)"), Ok(all.clone()));
        assert_eq!(parse("all( approved )"), Ok(all));
        for bad in [
            "all(approved",
            "most(approved)",
            "all()",
            "all(a, b)",
            "not ready",
            "",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn aggregates_judge_what_was_reported() {
        let (yes, no) = (name("yes"), name("no"));
        assert!(Aggregate::All(yes.clone()).holds([&yes, &yes]));
        assert!(!Aggregate::All(yes.clone()).holds([&yes, &no]));
        assert!(Aggregate::Any(no.clone()).holds([&yes, &no]));
        assert!(!Aggregate::Any(no).holds([&yes, &yes]));
        assert!(!Aggregate::All(yes).holds([]));
    }
}
