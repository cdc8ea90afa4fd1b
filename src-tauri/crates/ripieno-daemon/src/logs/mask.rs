//! Finds what looks like a secret in a line of text.

use std::borrow::Cow;

/// What stands in place of a secret.
const HIDDEN: &str = "[hidden]";

/// How well-known keys and tokens begin, and how many characters must follow to make one.
const PREFIXES: [(&str, usize); 12] = [
    ("sk-", 16),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("ghu_", 16),
    ("github_pat_", 16),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("AIza", 30),
    ("AKIA", 16),
    ("eyJ", 30),
];

/// Words after which a secret follows, told apart by what stands between.
const WORDS: [&str; 8] = [
    "bearer ",
    "api_key=",
    "api-key: ",
    "token=",
    "password=",
    "secret=",
    "authorization: basic ",
    COOKIE,
];

/// What follows it is secret to the end.
const COOKIE: &str = "cookie: ";

/// Returns `line` without keys, tokens and passwords that are recognised by their form.
#[must_use]
pub fn mask(line: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while at < line.len() {
        if let Some((start, end)) = secret_at(line, at) {
            out.push_str(&line[kept..start]);
            out.push_str(HIDDEN);
            kept = end;
            at = end;
        } else {
            at += line[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    if kept == 0 {
        Cow::Borrowed(line)
    } else {
        Cow::Owned(out + &line[kept..])
    }
}

/// Returns where the secret that is announced at `at` begins and ends.
fn secret_at(line: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &line[at..];
    // A word in the middle of a longer one announces nothing.
    let begins = !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    if begins
        && let Some((prefix, least)) = PREFIXES.iter().find(|(prefix, _)| rest.starts_with(prefix))
    {
        let end = at + prefix.len() + body_len(&rest[prefix.len()..]);
        return (end - at >= prefix.len() + least).then_some((at, end));
    }
    let word = WORDS.iter().find(|word| {
        rest.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    })?;
    let after = &rest[word.len()..];
    // Quotes, and the strokes before them inside JSON.
    let start = at + word.len() + (after.len() - after.trim_start_matches(['"', '\'', '\\']).len());
    let length = if *word == COOKIE {
        line_len(&line[start..])
    } else {
        body_len(&line[start..])
    };
    let hidden = line[start..].starts_with(HIDDEN);
    (length >= 4 && !hidden).then_some((start, start + length))
}

/// Counts the bytes to the end of the quoted text or of the line.
fn line_len(text: &str) -> usize {
    text.find(['"', '\n']).unwrap_or(text.len())
}

/// Counts the bytes from the start that a key or token is made of.
fn body_len(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_./+=~".contains(c))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_and_tokens_are_hidden() {
        for (line, masked) in [
            (
                "key sk-ant-api03-abcdefghijklmnop done",
                "key [hidden] done",
            ),
            (
                "Authorization: Bearer abc.def-123",
                "Authorization: Bearer [hidden]",
            ),
            (
                "curl -H 'authorization: Basic dXNlcjpwdw=='",
                "curl -H 'authorization: Basic [hidden]'",
            ),
            ("token=\"0123456789\" next", "token=\"[hidden]\" next"),
            ("url?token=abcdef&x=1", "url?token=[hidden]&x=1"),
            ("ghp_0123456789abcdefghij", "[hidden]"),
            ("Cookie: a=bcdef; c=defgh", "Cookie: [hidden]"),
            (
                r#"{"m":"token=\"0123456\""}"#,
                r#"{"m":"token=\"[hidden]\""}"#,
            ),
        ] {
            assert_eq!(mask(line), masked);
        }
    }

    #[test]
    fn ordinary_lines_are_untouched() {
        for line in [
            "",
            "task T-41 attempt 2",
            "risk-free sk-",
            "tokens=12",
            "disk-0123456789abcdefghij",
            "ü sk-é",
        ] {
            assert!(
                matches!(mask(line), Cow::Borrowed(_)),
                "{line}: {}",
                mask(line)
            );
        }
    }

    proptest! {
        #[test]
        fn any_line_is_masked_without_a_panic_and_once(line in "\\PC{0,60}|(token=|sk-|Bearer |[a-z0-9\"]{0,20}){0,6}") {
            let once = mask(&line).into_owned();
            prop_assert_eq!(mask(&once), once.as_str());
        }

        #[test]
        fn a_key_never_passes(before in "[a-z ]{0,20} ", body in "[A-Za-z0-9]{24,60}", after in " [a-z ]{0,20}") {
            let line = format!("{before}sk-ant-{body}{after}");
            prop_assert!(!mask(&line).contains(&body));
        }
    }
}
