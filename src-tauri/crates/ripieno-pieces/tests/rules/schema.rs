//! The published JSON Schema: equal to what the program makes, and fit for real pieces.

use serde_json::Value;

use crate::EXAMPLE;

const PUBLISHED: &str = include_str!("../../../../../pieces/schema.json");

#[test]
fn published_schema_is_the_one_the_program_makes() {
    let made = serde_json::to_string_pretty(&ripieno_pieces::json_schema()).unwrap() + "\n";
    assert!(
        made == PUBLISHED,
        "pieces/schema.json is out of date; it should read:\n{made}"
    );
}

#[test]
fn schema_takes_the_built_in_pieces_and_the_example() {
    let schema: Value = serde_json::from_str(PUBLISHED).unwrap();
    for (name, text) in [
        ("solo", include_str!("../../../../../pieces/solo.yaml")),
        ("script", include_str!("../../../../../pieces/script.yaml")),
        (
            "fix-until-green",
            include_str!("../../../../../pieces/fix-until-green.yaml"),
        ),
        ("example", EXAMPLE),
    ] {
        let piece: Value = serde_saphyr::from_str(text).unwrap();
        assert!(fits(&schema, &piece), "{name} does not fit the schema");
    }
}

#[test]
fn schema_refuses_an_unknown_key_at_every_level() {
    let schema: Value = serde_json::from_str(PUBLISHED).unwrap();
    let good: Value = serde_saphyr::from_str(EXAMPLE).unwrap();
    for place in [
        "",
        "/movements/0",
        "/movements/0/outcomes/0",
        "/movements/3/parallel/0",
        "/monitors/0",
    ] {
        let mut piece = good.clone();
        piece.pointer_mut(place).unwrap()["colour"] = Value::from("blue");
        assert!(!fits(&schema, &piece), "an unknown key at \"{place}\" fits");
    }
}

/// Judges by the few words of JSON Schema that the schema uses; patterns are left out.
fn fits(schema: &Value, value: &Value) -> bool {
    let checks = schema
        .as_object()
        .unwrap()
        .iter()
        .map(|(word, rule)| match word.as_str() {
            "type" => match rule {
                Value::Array(any) => any.iter().any(|one| of_type(one, value)),
                one => of_type(one, value),
            },
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "anyOf" => rule.as_array().unwrap().iter().any(|one| fits(one, value)),
            "items" => value
                .as_array()
                .is_none_or(|items| items.iter().all(|item| fits(rule, item))),
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
            "required" => value.as_object().is_none_or(|map| {
                rule.as_array()
                    .unwrap()
                    .iter()
                    .all(|key| map.contains_key(key.as_str().unwrap()))
            }),
            "properties" => value.as_object().is_none_or(|map| {
                map.iter()
                    .all(|(key, item)| rule.get(key).is_some_and(|rule| fits(rule, item)))
            }),
            "minimum" => value
                .as_f64()
                .is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value
                .as_f64()
                .is_none_or(|number| number <= rule.as_f64().unwrap()),
            "additionalProperties" | "pattern" | "title" | "$schema" => true,
            other => panic!("the schema uses \"{other}\", which this test does not know"),
        });
    checks.collect::<Vec<_>>().into_iter().all(|fit| fit)
}

fn of_type(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        other => panic!("unknown type {other}"),
    }
}
