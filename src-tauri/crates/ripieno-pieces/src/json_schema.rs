//! The JSON Schema of piece files, made from the same key lists and words the loader uses.

use serde_json::{Map, Value, json};

use crate::load::{BUDGET_KEYS, MONITOR_KEYS, PIECE_KEYS};
use crate::read::{AGENT_KEYS, LIMITS_KEYS, MOVEMENT_KEYS, RUN_KEYS};
use crate::read_route::OUTCOME_KEYS;
use crate::schema::{
    Access, Approvals, MOST_MOVEMENTS, OnInterrupt, OnStuck, Review, Session, Verify,
};

/// The pattern of a name.
const NAME: &str = "^[a-z0-9][a-z0-9_-]{0,63}$";

/// Makes the JSON Schema of piece files, for editors (P1). `pieces/schema.json` is its text.
///
/// It says what can be said about one key at a time; routes, facets and loops are checked by
/// `ripieno piece validate`.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = object(PIECE_KEYS, piece_value, &["version", "name", "movements"]);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Ripieno piece, format version 1");
    schema
}

/// An object that has these keys and no others.
fn object(keys: &[&str], value: fn(&str) -> Value, required: &[&str]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| ((*key).to_owned(), value(key)))
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn piece_value(key: &str) -> Value {
    match key {
        "version" => json!({ "const": 1 }),
        "name" => name(),
        "max_movements" => json!({ "type": "integer", "minimum": 1, "maximum": MOST_MOVEMENTS }),
        "access" => one_of(Access::WORDS),
        "approvals" => one_of(Approvals::WORDS),
        "verify" => one_of(Verify::WORDS),
        "review" => one_of(Review::WORDS),
        "budget" => object(BUDGET_KEYS, budget_value, &[]),
        "required_mcp" | "skills" => texts(),
        "movements" => list(&json!({ "anyOf": [agent(), shell(), parallel()] })),
        "monitors" => list(&object(MONITOR_KEYS, monitor_value, &["cycle", "limit"])),
        _ => text(),
    }
}

fn agent() -> Value {
    let keys = [MOVEMENT_KEYS, AGENT_KEYS, &["gates"]].concat();
    object(&keys, movement_value, &["name", "outcomes"])
}

fn shell() -> Value {
    let keys = [MOVEMENT_KEYS, &["run"]].concat();
    object(&keys, movement_value, &["name", "run", "outcomes"])
}

fn parallel() -> Value {
    let keys = [MOVEMENT_KEYS, &["access", "parallel"]].concat();
    object(&keys, movement_value, &["name", "parallel", "outcomes"])
}

fn child() -> Value {
    let agent = [&["name", "outcomes", "timeout"], AGENT_KEYS].concat();
    let shell = ["name", "outcomes", "timeout", "run"];
    json!({ "anyOf": [
        object(&agent, child_value, &["name", "outcomes"]),
        object(&shell, child_value, &["name", "run", "outcomes"]),
    ] })
}

fn child_value(key: &str) -> Value {
    match key {
        "outcomes" => json!({ "type": "array", "items": name(), "minItems": 1 }),
        _ => movement_value(key),
    }
}

fn movement_value(key: &str) -> Value {
    match key {
        "name" => name(),
        "outcomes" => list(&object(OUTCOME_KEYS, |_| text(), &["when"])),
        "on_interrupt" => one_of(OnInterrupt::WORDS),
        "timeout" => json!({ "type": "string", "pattern": "^([0-9]+[smhd])+$" }),
        "access" => one_of(Access::WORDS),
        "session" => one_of(Session::WORDS),
        "policy" | "knowledge" | "gates" => texts(),
        "contract" => json!({ "type": ["string", "object"] }),
        "limits" => object(
            LIMITS_KEYS,
            |_| json!({ "type": "integer", "minimum": 1 }),
            &[],
        ),
        "run" => {
            json!({ "anyOf": [text(), object(RUN_KEYS, |_| json!({ "const": true }), RUN_KEYS)] })
        }
        "parallel" => json!({ "type": "array", "items": child(), "minItems": 2 }),
        _ => text(),
    }
}

fn budget_value(key: &str) -> Value {
    match key {
        "tokens" => json!({ "type": "integer", "minimum": 0 }),
        _ => json!({ "type": "number", "minimum": 0 }),
    }
}

fn monitor_value(key: &str) -> Value {
    match key {
        "cycle" => texts(),
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": MOST_MOVEMENTS }),
        _ => one_of(OnStuck::WORDS),
    }
}

fn name() -> Value {
    json!({ "type": "string", "pattern": NAME })
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// One text or a list of texts.
fn texts() -> Value {
    json!({ "anyOf": [text(), { "type": "array", "items": text() }] })
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items, "minItems": 1 })
}

fn one_of(words: &[&str]) -> Value {
    json!({ "enum": words })
}
