//! Elicitations of MCP servers: a form to fill in, asked as a question.

use ripieno_core::ask::{Answer, AskOption, AskSpec};
use serde_json::{Map, Value, json};

/// The option that refuses to fill in a form.
const DECLINE: &str = "decline";

/// How a form is asked: one field with choices as options, anything else as text.
pub(crate) fn ask(server: &str, message: &str, url: Option<&str>, schema: &Value) -> AskSpec {
    let fields = fields(schema);
    let mut spec = AskSpec::question(format!("{server} asks: {message}"));
    match (url, fields.as_slice()) {
        (Some(url), _) => {
            spec.text = format!("{}\nOpen {url}, then say that it is done.", spec.text);
            spec.allows_text = false;
            spec.options.push(AskOption::new("done", "Done"));
        }
        (None, []) => {
            spec.allows_text = false;
            spec.options.push(AskOption::new("accept", "Accept"));
        }
        (None, [(_, field)]) => {
            spec.options = choices(field);
            spec.allows_text = spec.options.is_empty();
        }
        (None, many) if beside(many).is_some() => {
            let chosen = beside(many).map(|(_, field, _)| choices(field));
            spec.options = chosen.unwrap_or_default();
        }
        (None, many) => {
            let names: Vec<String> = many
                .iter()
                .map(|(name, field)| describe(name, field))
                .collect();
            spec.text = format!(
                "{}\nOne `name: value` per line:\n{}",
                spec.text,
                names.join("\n")
            );
        }
    }
    spec.options.push(AskOption::new(DECLINE, "Decline"));
    spec
}

/// The response to a form; what is wrong with the answer when it does not fit.
pub(crate) fn response(schema: &Value, answer: &Answer) -> Result<Value, String> {
    let text = match answer {
        Answer::Option { id, .. } if id == DECLINE => return Ok(json!({"action": "decline"})),
        Answer::Option { id, .. } => id,
        Answer::Text(text) => text,
    };
    let fields = fields(schema);
    let mut content = Map::new();
    match fields.as_slice() {
        [] => {}
        [(name, field)] => drop(content.insert(name.clone(), typed(name, field, text)?)),
        many if beside(many).is_some() => {
            if let Some((choice, _, free)) = beside(many) {
                let name = match answer {
                    Answer::Option { .. } => choice,
                    Answer::Text(_) => free,
                };
                content.insert(name.to_owned(), Value::from(text.as_str()));
            }
        }
        many => {
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let (name, value) = line
                    .split_once(':')
                    .ok_or_else(|| format!("`{line}` is not of the form `name: value`"))?;
                let name = name.trim();
                let field = many.iter().find(|(known, _)| known == name);
                let (_, field) = field.ok_or_else(|| format!("there is no field `{name}`"))?;
                content.insert(name.to_owned(), typed(name, field, value.trim())?);
            }
        }
    }
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let missing = required
        .iter()
        .filter_map(Value::as_str)
        .find(|name| !content.contains_key(*name));
    match missing {
        Some(name) => Err(format!("the field `{name}` is missing")),
        None => Ok(json!({"action": "accept", "content": content})),
    }
}

fn fields(schema: &Value) -> Vec<(String, Value)> {
    let properties = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    properties.into_iter().collect()
}

/// One choice with a free text beside it, as agents ask a question that may be answered in other words: the name of the choice,
/// its field, and the name of the text.
fn beside(fields: &[(String, Value)]) -> Option<(&str, &Value, &str)> {
    let [one, other] = fields else { return None };
    let (choice, free) = if choices(&one.1).is_empty() {
        (other, one)
    } else {
        (one, other)
    };
    let plain = free.1["type"] == "string" && choices(&free.1).is_empty();
    let single = choice.1["type"] == "string" && !choices(&choice.1).is_empty();
    (plain && single).then_some((choice.0.as_str(), &choice.1, free.0.as_str()))
}

fn describe(name: &str, field: &Value) -> String {
    let kind = field["type"].as_str().unwrap_or("text");
    let told = field["description"]
        .as_str()
        .or(field["title"].as_str())
        .unwrap_or_default();
    let choices: Vec<String> = choices(field).into_iter().map(|option| option.id).collect();
    let choices = if choices.is_empty() {
        kind.to_owned()
    } else {
        format!("one of {}", choices.join(", "))
    };
    format!("{name} ({choices}) {told}").trim_end().to_owned()
}

fn choices(field: &Value) -> Vec<AskOption> {
    if field["type"] == "boolean" {
        return vec![AskOption::new("true", "Yes"), AskOption::new("false", "No")];
    }
    if let Some(titled) = field["oneOf"].as_array() {
        let option = |one: &Value| {
            let value = super::plain(&one["const"]);
            let label = one["title"].as_str().unwrap_or(&value).to_owned();
            AskOption {
                detail: one["description"].as_str().map(str::to_owned),
                ..AskOption::new(value, label)
            }
        };
        return titled.iter().map(option).collect();
    }
    let names = field["enumNames"].as_array().cloned().unwrap_or_default();
    let values = field["enum"].as_array().cloned().unwrap_or_default();
    let option = |(n, value): (usize, &Value)| {
        let value = super::plain(value);
        let label = names
            .get(n)
            .and_then(Value::as_str)
            .unwrap_or(&value)
            .to_owned();
        AskOption::new(value, label)
    };
    values.iter().enumerate().map(option).collect()
}

fn typed(name: &str, field: &Value, text: &str) -> Result<Value, String> {
    let wrong = |what: &str| format!("`{text}` is no {what} for the field `{name}`");
    match field["type"].as_str() {
        Some("boolean") => text
            .parse()
            .map(Value::Bool)
            .map_err(|_| wrong("true or false")),
        Some("integer") => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| wrong("whole number")),
        Some("number") => text
            .parse::<f64>()
            .map(Value::from)
            .map_err(|_| wrong("number")),
        _ => Ok(Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_takes_the_text_or_a_choice() {
        let schema = json!({"properties": {"colour": {"type": "string"}}, "required": ["colour"]});
        assert!(ask("human", "Which?", None, &schema).allows_text);
        let got = response(&schema, &Answer::Text("Blue".into())).unwrap();
        assert_eq!(
            got,
            json!({"action": "accept", "content": {"colour": "Blue"}})
        );
        let schema = json!({"properties": {"sure": {"type": "boolean"}}});
        let spec = ask("human", "Sure?", None, &schema);
        assert_eq!(spec.options.len(), 3);
        let yes = Answer::Option {
            id: "true".into(),
            scope: None,
        };
        assert_eq!(response(&schema, &yes).unwrap()["content"]["sure"], true);
        let no = Answer::Option {
            id: DECLINE.into(),
            scope: None,
        };
        assert_eq!(
            response(&schema, &no).unwrap(),
            json!({"action": "decline"})
        );
    }

    #[test]
    fn choice_with_a_text_beside_it_is_one_question() {
        let schema = json!({"properties": {
            "q": {"type": "string", "oneOf": [{"const": "Red", "title": "Red", "description": "warm"}]},
            "q_custom": {"type": "string", "title": "Other"}}});
        let spec = ask("Claude Code", "Which colour?", None, &schema);
        assert!(spec.allows_text);
        assert_eq!(spec.options[0].detail.as_deref(), Some("warm"));
        let red = Answer::Option {
            id: "Red".into(),
            scope: None,
        };
        assert_eq!(
            response(&schema, &red).unwrap()["content"],
            json!({"q": "Red"})
        );
        let text = Answer::Text("a blue one".into());
        assert_eq!(
            response(&schema, &text).unwrap()["content"],
            json!({"q_custom": "a blue one"})
        );
    }

    #[test]
    fn several_fields_are_lines_and_errors_are_told() {
        let schema = json!({"properties": {"n": {"type": "integer"}, "s": {}}, "required": ["n"]});
        let say = |text: &str| response(&schema, &Answer::Text(text.into()));
        assert_eq!(
            say("n: 3\ns: a: b").unwrap()["content"],
            json!({"n": 3, "s": "a: b"})
        );
        assert!(say("n: x").unwrap_err().contains("whole number"));
        assert!(say("s: x").unwrap_err().contains("`n` is missing"));
        assert!(say("x").unwrap_err().contains("name: value"));
    }
}
