//! The nearest known name for a mistyped one.

/// Finds the known name nearest to `wrong`, when it is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Long input cannot be a slip of the finger, and the distance is quadratic in it.
    if wrong.len() > 64 {
        return None;
    }
    let folded = fold(wrong);
    let allowed = (folded.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&folded, &fold(name)), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Words the suggestion for [`nearest`], when there is one.
pub(crate) fn did_you_mean<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(wrong, known).map(|name| format!("did you mean \"{name}\"?"))
}

fn fold(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slip_finds_the_name_and_nonsense_finds_none() {
        let known = ["persona", "policy", "on_interrupt"];
        assert_eq!(nearest("persna", known), Some("persona"));
        assert_eq!(nearest("on-interupt", known), Some("on_interrupt"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest(&"x".repeat(10_000), known), None);
    }
}
