//! The fields that programs use for the same thing, under the names they have for it.

use serde_json::{Map, Value};

/// An object.
pub(super) type Object = Map<String, Value>;

/// The first of these fields that is there and not null.
pub(super) fn first<'a>(object: &'a Object, names: &[&str]) -> Option<&'a Value> {
    names
        .iter()
        .filter_map(|name| object.get(*name))
        .find(|value| !value.is_null())
}

/// The first of these fields that is a text.
pub(super) fn text_of<'a>(object: &'a Object, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .filter_map(|name| object.get(*name))
        .find_map(Value::as_str)
}

/// The first of these fields that is a count.
pub(super) fn count_of(object: &Object, names: &[&str]) -> Option<u64> {
    names
        .iter()
        .filter_map(|name| object.get(*name))
        .find_map(Value::as_u64)
}

/// The first of these fields that is an object.
pub(super) fn object_of<'a>(object: &'a Object, names: &[&str]) -> Option<&'a Object> {
    names
        .iter()
        .filter_map(|name| object.get(*name))
        .find_map(Value::as_object)
}

/// What a field says: a text, the texts of its blocks, or its JSON.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(blocks) if blocks.iter().all(is_block) => {
            blocks.iter().map(words).collect::<Vec<_>>().join("\n")
        }
        Value::Object(object) => match first(object, &["text", "content", "output", "message"]) {
            Some(Value::String(text)) => text.clone(),
            Some(inner @ Value::Array(_)) => words(inner),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

fn is_block(value: &Value) -> bool {
    value.is_string()
        || value
            .as_object()
            .is_some_and(|block| block.contains_key("type"))
}

/// The word of a kind with one separator, in small letters: `turn.completed` and `turn-completed` are the same.
pub(super) fn plain_word(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            '.' | '-' | '/' | ' ' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// An HTTP status that a text names as one.
pub(super) fn status_in(text: &str) -> Option<u16> {
    const BEFORE: [&str; 6] = ["status", "http", "code", "error", "api", "failed"];
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(2).find_map(|pair| {
        let status: u16 = pair[1].parse().ok()?;
        let named = BEFORE.contains(&pair[0]) && pair[1].len() == 3;
        (named && (400..600).contains(&status)).then_some(status)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_are_their_texts_and_anything_else_its_json() {
        assert_eq!(words(&json!([{"type": "text", "text": "a"}, "b"])), "a\nb");
        assert_eq!(
            words(&json!({"content": [{"type": "text", "text": "a"}]})),
            "a"
        );
        assert_eq!(words(&json!({"x": 1})), r#"{"x":1}"#);
        assert_eq!(words(&json!([1, 2])), "[1,2]");
    }

    #[test]
    fn status_counts_only_where_a_text_calls_it_one() {
        for (text, status) in [
            ("unexpected status 401 Unauthorized", Some(401)),
            (r#"{"error":{"code":429,"message":"x"}}"#, Some(429)),
            ("HTTP 503", Some(503)),
            ("Error code: 429 - slow down", Some(429)),
            ("wrote 429 lines", None),
            ("error 4290", None),
            ("status 200", None),
        ] {
            assert_eq!(status_in(text), status, "{text}");
        }
    }
}
