//! Reading one YAML mapping key by key, with every mistake named at its place.

use std::time::Duration;

use crate::duration;
use crate::name::{Name, shortened};
use crate::problem::{At, Findings};
use crate::suggest::did_you_mean;
use crate::yaml::{Entry, Node, Value};

/// The mapping being read and the words errors use for it.
pub(crate) struct Fields<'a> {
    at: At,
    entries: &'a [Entry],
    /// For instance `the movement "plan"`.
    what: String,
}

impl<'a> Fields<'a> {
    /// Opens a mapping; anything else is a mistake.
    pub(crate) fn open(node: &'a Node, what: &str, found: &mut Findings) -> Option<Self> {
        match &node.value {
            Value::Map(entries) => Some(Fields {
                at: node.at,
                entries,
                what: what.to_owned(),
            }),
            other => {
                found.add(
                    node.at,
                    format!("{what} must be a mapping, not {}", other.kind()),
                );
                None
            }
        }
    }

    /// Gives the mapping a better name once it is known.
    pub(crate) fn call(&mut self, what: String) {
        self.what = what;
    }

    /// Where the mapping begins.
    pub(crate) fn at(&self) -> At {
        self.at
    }

    /// The words errors use for the mapping.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// Reports keys that mean nothing here. `elsewhere` are keys that mean something in
    /// another kind of the same thing, and `kind` says which kind this one is.
    pub(crate) fn only(
        &self,
        known: &[&'static str],
        elsewhere: &[&'static str],
        kind: &str,
        found: &mut Findings,
    ) {
        for entry in self.entries {
            let key = entry.key.as_str();
            if known.contains(&key) {
                continue;
            }
            if elsewhere.contains(&key) {
                found.add_help(
                    entry.key_at,
                    format!("\"{key}\" has no meaning in {kind}"),
                    format!("it knows: {}", known.join(", ")),
                );
                continue;
            }
            let all = known.iter().copied();
            let help = did_you_mean(key, all)
                .unwrap_or_else(|| format!("known keys: {}", known.join(", ")));
            found.add_help(
                entry.key_at,
                format!("unknown key \"{}\" in {}", shortened(key), self.what),
                help,
            );
        }
    }

    /// The value of a key, when the key is there.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// Tells whether a key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The text of a key, when it is there and is text that is not blank.
    pub(crate) fn text(&self, key: &str, found: &mut Findings) -> Option<&'a str> {
        text_of(
            self.get(key)?,
            &format!("\"{key}\" in {}", self.what),
            found,
        )
    }

    /// The name a key holds, when it is there and has the shape of one.
    pub(crate) fn name(&self, key: &str, found: &mut Findings) -> Option<(Name, At)> {
        name_of(
            self.get(key)?,
            &format!("\"{key}\" in {}", self.what),
            found,
        )
    }

    /// A whole number between two bounds.
    pub(crate) fn whole(
        &self,
        key: &str,
        least: u64,
        most: u64,
        found: &mut Findings,
    ) -> Option<u64> {
        let node = self.get(key)?;
        let number = match node.value {
            Value::Int(number) => u64::try_from(number).ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let bounds = if most == u64::MAX {
                format!("of at least {least}")
            } else {
                format!("from {least} to {most}")
            };
            found.add(
                node.at,
                format!("\"{key}\" in {} must be a whole number {bounds}", self.what),
            );
        }
        number
    }

    /// An amount of money in US dollars.
    pub(crate) fn money(&self, key: &str, found: &mut Findings) -> Option<f64> {
        let node = self.get(key)?;
        let amount = match node.value {
            // Amounts are small; the conversion is exact below 2^53.
            #[allow(clippy::cast_precision_loss)]
            Value::Int(number) => Some(number as f64),
            Value::Float(number) => Some(number),
            _ => None,
        };
        let amount = amount.filter(|amount| amount.is_finite() && *amount >= 0.0);
        if amount.is_none() {
            found.add(
                node.at,
                format!(
                    "\"{key}\" in {} must be an amount in dollars such as 2.50",
                    self.what
                ),
            );
        }
        amount
    }

    /// A span of time.
    pub(crate) fn span(&self, key: &str, found: &mut Findings) -> Option<Duration> {
        let node = self.get(key)?;
        let span = match &node.value {
            Value::Text(text) => duration::parse(text),
            _ => None,
        };
        if span.is_none() {
            found.add_help(
                node.at,
                format!(
                    "\"{key}\" in {} must be a span of time of at most a year",
                    self.what
                ),
                "write it like 45s, 10m, 2h or 1h30m",
            );
        }
        span
    }

    /// One of a closed set of words.
    pub(crate) fn word<T>(
        &self,
        key: &str,
        words: &[&'static str],
        read: impl Fn(&str) -> Option<T>,
        found: &mut Findings,
    ) -> Option<T> {
        let node = self.get(key)?;
        let text = match &node.value {
            Value::Text(text) => text.as_str(),
            other => {
                found.add_help(
                    node.at,
                    format!(
                        "\"{key}\" in {} must be a word, not {}",
                        self.what,
                        other.kind()
                    ),
                    format!("it is one of: {}", words.join(", ")),
                );
                return None;
            }
        };
        let value = read(text);
        if value.is_none() {
            let help = did_you_mean(text, words.iter().copied())
                .unwrap_or_else(|| format!("it is one of: {}", words.join(", ")));
            found.add_help(
                node.at,
                format!(
                    "\"{}\" is no value for \"{key}\" in {}",
                    shortened(text),
                    self.what
                ),
                help,
            );
        }
        value
    }

    /// The items of a list; a missing key is an empty list.
    pub(crate) fn list(&self, key: &str, found: &mut Findings) -> &'a [Node] {
        let Some(node) = self.get(key) else {
            return &[];
        };
        match &node.value {
            Value::List(items) => items,
            other => {
                found.add(
                    node.at,
                    format!(
                        "\"{key}\" in {} must be a list, not {}",
                        self.what,
                        other.kind()
                    ),
                );
                &[]
            }
        }
    }

    /// A list of texts; one text alone stands for a list of one.
    pub(crate) fn texts(&self, key: &str, found: &mut Findings) -> Vec<(&'a str, At)> {
        let what = format!("\"{key}\" in {}", self.what);
        let nodes = match self.get(key) {
            Some(Node {
                value: Value::List(items),
                ..
            }) => items.as_slice(),
            Some(node) => std::slice::from_ref(node),
            None => &[],
        };
        nodes
            .iter()
            .filter_map(|n| Some((text_of(n, &what, found)?, n.at)))
            .collect()
    }
}

/// The text of a node; blank text, numbers and the like are mistakes.
pub(crate) fn text_of<'a>(node: &'a Node, what: &str, found: &mut Findings) -> Option<&'a str> {
    match &node.value {
        Value::Text(text) if text.trim().is_empty() => {
            found.add(node.at, format!("{what} is empty"));
            None
        }
        Value::Text(text) => Some(text),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            let kind = node.value.kind();
            found.add_help(
                node.at,
                format!("{what} must be text, not {kind}"),
                "put it in quotes",
            );
            None
        }
        other => {
            found.add(
                node.at,
                format!("{what} must be text, not {}", other.kind()),
            );
            None
        }
    }
}

/// The name a node holds.
pub(crate) fn name_of(node: &Node, what: &str, found: &mut Findings) -> Option<(Name, At)> {
    let text = text_of(node, what, found)?;
    match Name::new(text) {
        Ok(name) => Some((name, node.at)),
        Err(refused) => {
            found.add(node.at, format!("{what}: {refused}"));
            None
        }
    }
}
