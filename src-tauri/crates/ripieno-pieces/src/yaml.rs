//! YAML text as a tree in which every key and every value knows its line and column.
//!
//! A derived reader stops at the first mistake. This tree lets the loader walk the whole
//! file and report everything that is wrong with it in one go (P1).

use std::fmt;

use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, MergeKeyPolicy, Options, Spanned};

use crate::problem::At;

/// How deep values may stand in each other. A piece is six levels deep, a JSON Schema in it a
/// few more. The tree is read by recursion, and the parser's own limit of 64 levels overflows
/// the 2 MiB stack of a thread in a build without optimisation.
const DEEPEST: usize = 32;

/// Carries one YAML value with the place it is written at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) value: Value,
}

/// Holds the content of a [`Node`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// Pairs a key with its value; both know where they are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: At,
    pub(crate) value: Node,
}

impl Value {
    /// Names what kind of value this is, as an error message says it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// Tells whether this is a list with nothing in it, or nothing at all.
    pub(crate) fn is_empty_list(&self) -> bool {
        match self {
            Value::Null => true,
            Value::List(items) => items.is_empty(),
            _ => false,
        }
    }

    /// Turns the tree into JSON, for values that are passed on as they are (a JSON Schema).
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Int(number) => i64::try_from(*number).map_or_else(
                |_| u64::try_from(*number).map_or(Json::Null, Json::from),
                Json::from,
            ),
            Value::Float(number) => Json::from(*number),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => Json::Array(items.iter().map(|n| n.value.to_json()).collect()),
            Value::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|e| (e.key.clone(), e.value.value.to_json()))
                    .collect(),
            ),
        }
    }
}

/// Says why a text is no YAML document at all, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) at: At,
    pub(crate) message: String,
}

/// Reads exactly one YAML document.
///
/// The parser's own budget bounds nodes and alias expansion, so a hostile file costs
/// a bounded amount of memory.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| SyntaxError {
        at: error.location().map_or(At::START, |place| At::from(&place)),
        message: plain_message(&error),
    })
}

/// The options every YAML text is read with: bounded, and without surprises.
pub(crate) fn options() -> Options {
    let mut options = Options::default();
    options.with_snippet = false;
    // `when: yes` names an outcome; only `true` and `false` are booleans.
    options.strict_booleans = true;
    options.merge_keys = MergeKeyPolicy::Error;
    if let Some(budget) = &mut options.budget {
        budget.max_depth = DEEPEST;
        budget.flow_nesting_limit = DEEPEST;
    }
    options.alias_limits = serde_saphyr::alias_limits! {
        max_total_replayed_events: 10_000,
        max_alias_expansions_per_anchor: 100,
    };
    options
}

/// Takes the first line of the parser's message without the place it repeats.
fn plain_message(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or("not a YAML document").trim();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let line = line.rfind(" at line ").map_or(line, |end| &line[..end]);
    in_our_words(line)
}

/// Some messages speak to programmers about options of the parser.
fn in_our_words(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("duplicate mapping key: ") {
        let key = rest.split(", set ").next().unwrap_or(rest);
        return format!("the key \"{key}\" is there twice");
    }
    if message.contains("merge key") {
        return "merge keys (<<) are not part of the piece format".to_owned();
    }
    if message.contains("multiple YAML documents") {
        return "a file holds one piece: remove what follows \"---\"".to_owned();
    }
    message.to_owned()
}

impl From<&Location> for At {
    fn from(place: &Location) -> Self {
        At::new(place.line(), place.column())
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Node {
            at: At::from(&spanned.referenced),
            value: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Int(number.into()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            let key_at = At::from(&key.referenced);
            map.push(Entry {
                key: key.value,
                key_at,
                value: entries.next_value()?,
            });
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(node: &Node) -> &[Entry] {
        match &node.value {
            Value::Map(entries) => entries,
            other => panic!("expected a mapping, got {other:?}"),
        }
    }

    #[test]
    fn every_key_and_value_knows_its_line_and_column() {
        let tree = parse("a: 1\nlist:\n  - { when: yes, next: done }\n").unwrap();
        let top = map(&tree);
        assert_eq!(
            (top[0].key_at, top[0].value.at),
            (At::new(1, 1), At::new(1, 4))
        );
        assert_eq!(top[0].value.value, Value::Int(1));
        let Value::List(items) = &top[1].value.value else {
            panic!("a list")
        };
        let inner = map(&items[0]);
        assert_eq!(inner[0].key_at, At::new(3, 7));
        assert_eq!(inner[0].value.value, Value::Text("yes".into()));
        assert_eq!(inner[1].key_at, At::new(3, 18));
        assert_eq!(inner[1].value.at, At::new(3, 24));
    }

    #[test]
    fn quoted_number_is_text_and_empty_value_is_nothing() {
        let tree = parse("a: '1'\nb:\nc: |\n  two\n  lines\nd: true\n").unwrap();
        let values: Vec<_> = map(&tree).iter().map(|e| e.value.value.clone()).collect();
        assert_eq!(
            values,
            [
                Value::Text("1".into()),
                Value::Null,
                Value::Text("two\nlines\n".into()),
                Value::Bool(true)
            ]
        );
    }

    #[test]
    fn broken_yaml_names_its_place_once() {
        let error = parse("a: [1, 2\nb: 3\n").unwrap_err();
        assert_eq!(error.at.line, 2, "{error:?}");
        assert!(!error.message.contains("line"), "{}", error.message);
        let error = parse("a: 1\na: 2\n").unwrap_err();
        assert_eq!(error.at, At::new(2, 1), "{error:?}");
    }

    #[test]
    fn deep_nesting_is_refused_and_not_a_stack_overflow() {
        for opening in ["[", "{a: ", "- ", "? ", "- [{a: "] {
            for depth in [DEEPEST + 1, 60, 63, 64, 65, 1_000, 50_000] {
                assert!(parse(&opening.repeat(depth)).is_err(), "{opening} {depth}");
            }
        }
        let block = |depth: usize| -> String {
            (0..depth)
                .map(|n| format!("{}a:\n", " ".repeat(n)))
                .collect()
        };
        assert!(parse(&block(DEEPEST - 1)).is_ok());
        assert!(parse(&block(DEEPEST + 1)).is_err());
        assert!(parse(&block(400)).is_err());
    }

    #[test]
    fn alias_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..12 {
            let refs = vec![format!("*a{}", n - 1); 10].join(",");
            text.push_str(&format!("a{n}: &a{n} [{refs}]\n"));
        }
        assert!(parse(&text).is_err());
    }
}
