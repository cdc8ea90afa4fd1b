//! Cutting texts to a size without breaking a character.

/// The first `most` characters, with a mark where something was cut; never longer than `most`.
pub(crate) fn head(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text
        .chars()
        .take(most.saturating_sub(CUT.chars().count()))
        .collect();
    format!("{kept}{CUT}")
}

/// The last `most` characters, with a mark where something was cut; never longer than `most`.
pub(crate) fn tail(text: &str, most: usize) -> String {
    let text = text.trim();
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let skip = count - most.saturating_sub(CUT.chars().count());
    let kept: String = text.chars().skip(skip).collect();
    format!("{CUT}{kept}")
}

/// The last `most` bytes of a text, from the beginning of a character on.
pub(crate) fn tail_bytes(text: &str, most: usize) -> &str {
    let mut from = text.len().saturating_sub(most);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

const CUT: &str = "[...]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_text_keeps_its_end_of_interest_and_the_limit() {
        assert_eq!(head("  short ", 10), "short");
        assert_eq!(head("äbcdefghijklm", 8), "äbc[...]");
        assert_eq!(tail("abcdefghijklmö", 8), "[...]lmö");
    }
}
