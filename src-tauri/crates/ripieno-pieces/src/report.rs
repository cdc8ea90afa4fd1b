//! The result contract read from a performer's last message (T14), and its outcome tag.

use ripieno_core::receipt::Receipt;
use serde_json::{Deserializer, Value};

use crate::name::Name;
use crate::outcome::pick;

/// How much of a message is searched for a result, in bytes; the end counts.
const SEARCHED: usize = 256 * 1024;
/// How many places outside of fences are tried.
const MOST_PLACES: usize = 64;
/// How many lines at the end may stand after the tag line.
const TAG_LINES: usize = 5;

/// Reads the outcome from the final tag line `OUTCOME: name` of a message.
///
/// The last such line among the last few counts; a name that is no choice is returned by
/// [`tagged`] only.
#[must_use]
pub fn tagged_outcome<'a>(message: &str, choices: &[&'a Name]) -> Option<&'a Name> {
    pick(&tagged(message)?, choices)
}

/// Reads whatever the final tag line names.
#[must_use]
pub fn tagged(message: &str) -> Option<String> {
    let lines = message
        .lines()
        .rev()
        .filter(|line| !line.trim().is_empty())
        .take(TAG_LINES);
    lines.into_iter().find_map(tag_of)
}

fn tag_of(line: &str) -> Option<String> {
    let edge = |c: char| c.is_whitespace() || matches!(c, '*' | '`' | '_' | '#' | '>' | '-');
    let line = line.trim_matches(edge);
    let (tag, name) = line.split_at_checked("OUTCOME".len())?;
    if !tag.eq_ignore_ascii_case("OUTCOME") {
        return None;
    }
    let name = name
        .trim_start_matches(edge)
        .strip_prefix(':')?
        .trim_matches(edge);
    let name = name.trim_end_matches('.').trim_matches(edge);
    let word = !name.is_empty() && name.len() <= 64 && name.lines().count() == 1;
    word.then(|| name.to_owned())
}

/// Finds the result a message reports for one task.
///
/// `task` are the names the task goes by (id and short id). Of the objects in fenced blocks,
/// alone, in arrays or several in a row, the last valid one that names this task counts; then
/// the last valid one that names none; then one outside of any fence. An object that names
/// another task never counts.
#[must_use]
pub fn report(message: &str, task: &[&str]) -> Option<Receipt> {
    let message = crate::text::tail_bytes(message, SEARCHED);
    let fenced: Vec<Value> = fences(message).flat_map(objects).collect();
    let best = |values: &[Value], wanted: fn(Names) -> bool| {
        values
            .iter()
            .rev()
            .find(|value| wanted(names(value, task)))
            .and_then(receipt)
    };
    best(&valid(fenced.clone()), |names| names == Names::This)
        .or_else(|| best(&valid(fenced), |names| names == Names::Nobody))
        .or_else(|| {
            let loose = valid(loose_objects(message));
            best(&loose, |names| names == Names::This)
                .or_else(|| best(&loose, |names| names == Names::Nobody))
        })
}

/// Whom an object names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    This,
    Nobody,
    Other,
}

fn names(value: &Value, task: &[&str]) -> Names {
    match value.get("task") {
        None | Some(Value::Null) => Names::Nobody,
        Some(Value::String(named)) => {
            let this = task
                .iter()
                .any(|name| name.eq_ignore_ascii_case(named.trim()));
            if this { Names::This } else { Names::Other }
        }
        Some(_) => Names::Other,
    }
}

fn valid(values: Vec<Value>) -> Vec<Value> {
    values
        .into_iter()
        .filter(|value| receipt(value).is_some())
        .collect()
}

fn receipt(value: &Value) -> Option<Receipt> {
    let mut receipt: Receipt = serde_json::from_value(value.clone()).ok()?;
    let lines: Vec<&str> = receipt.summary.trim().lines().collect();
    let kept = lines.len().min(ripieno_core::receipt::SUMMARY_LINES);
    receipt.summary = lines[..kept].join("\n");
    Some(receipt)
}

/// The contents of fenced code blocks.
fn fences(message: &str) -> impl Iterator<Item = &str> {
    message.split("```").skip(1).step_by(2).map(|block| {
        // The first line of a fence names the language.
        let rest = block.split_once('\n').map_or(block, |(first, rest)| {
            if first.trim().chars().all(char::is_alphanumeric) {
                rest
            } else {
                block
            }
        });
        rest.trim()
    })
}

/// Every object in a text that is JSON from its beginning: one, an array, several in a row.
fn objects(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for value in Deserializer::from_str(text).into_iter::<Value>() {
        match value {
            Ok(Value::Array(items)) => found.extend(items.into_iter().filter(Value::is_object)),
            Ok(value @ Value::Object(_)) => found.push(value),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    found
}

/// Objects outside of fences, as a last resort: the last places where one could begin.
fn loose_objects(message: &str) -> Vec<Value> {
    let mut found: Vec<Value> = message
        .rmatch_indices('{')
        .take(MOST_PLACES)
        .filter_map(|(at, _)| {
            Deserializer::from_str(&message[at..])
                .into_iter::<Value>()
                .next()?
                .ok()
        })
        .collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use ripieno_core::receipt::ReceiptStatus;

    use super::*;

    const TASK: &[&str] = &["0192-abc", "T-41"];

    fn summary(message: &str) -> Option<String> {
        report(message, TASK).map(|receipt| receipt.summary)
    }

    #[test]
    fn final_tag_line_names_the_outcome() {
        let names: Vec<Name> = ["approved", "needs-work"]
            .map(|n| Name::new(n).unwrap())
            .into();
        let choices: Vec<&Name> = names.iter().collect();
        let pick = |message: &str| tagged_outcome(message, &choices).map(Name::to_string);
        assert_eq!(
            pick("All is well.\n\nOUTCOME: approved\n").as_deref(),
            Some("approved")
        );
        assert_eq!(
            pick("**Outcome:** `needs_work`.").as_deref(),
            Some("needs-work")
        );
        assert_eq!(
            pick("OUTCOME: approved\nno wait\nOUTCOME: needs-work").as_deref(),
            Some("needs-work")
        );
        assert_eq!(pick("The outcome is approved"), None);
        assert_eq!(pick("OUTCOME: later"), None);
        assert_eq!(tagged("OUTCOME: later").as_deref(), Some("later"));
        let buried = format!("OUTCOME: approved\n{}", "more text\n".repeat(10));
        assert_eq!(pick(&buried), None, "it is not the final line");
    }

    #[test]
    fn last_valid_object_naming_this_task_counts() {
        let message = r#"
First:
```json
{"task": "T-41", "status": "completed", "summary": "old"}
```
Then:
```json
[{"task": "T-41", "status": "completed", "summary": "new"},
 {"task": "T-99", "status": "failed", "summary": "someone else"},
 {"task": "T-41", "status": "perhaps", "summary": "not valid"}]
```
"#;
        assert_eq!(summary(message).as_deref(), Some("new"));
    }

    #[test]
    fn several_objects_in_one_fence_are_accepted() {
        let message = "```\n{\"status\":\"completed\",\"summary\":\"a\"}\n{\"task\":\"t-41\",\"status\":\"blocked\",\"summary\":\"b\"}\n```";
        let receipt = report(message, TASK).unwrap();
        assert_eq!(
            (receipt.summary.as_str(), receipt.status),
            ("b", ReceiptStatus::Blocked)
        );
    }

    #[test]
    fn loose_object_counts_last_and_another_tasks_never() {
        assert_eq!(
            summary("Done: {\"status\":\"completed\",\"summary\":\"loose\"}").as_deref(),
            Some("loose")
        );
        let both = "{\"task\":\"T-41\",\"status\":\"completed\",\"summary\":\"loose\"}\n```json\n{\"status\":\"completed\",\"summary\":\"fenced\"}\n```";
        assert_eq!(summary(both).as_deref(), Some("fenced"));
        assert_eq!(summary("{\"task\":\"T-9\",\"status\":\"completed\"}"), None);
        assert_eq!(summary("no report at all { broken"), None);
    }

    #[test]
    fn summary_is_cut_to_eight_lines_and_all_fields_are_read() {
        let message = r#"```json
{"status":"completed","summary":"1\n2\n3\n4\n5\n6\n7\n8\n9",
 "artifacts":[{"kind":"file","ref":"a.txt","text":"the file"}],
 "blockers":[{"kind":"access","text":"no key","suggestion":"add one","needs_user":true}],
 "verification":[{"kind":"command","value":"make test","expected":"passes"}]}
```"#;
        let receipt = report(message, TASK).unwrap();
        assert_eq!(receipt.summary.lines().count(), 8);
        assert_eq!(receipt.artifacts[0].reference, "a.txt");
        assert!(receipt.blockers[0].needs_user);
        assert_eq!(receipt.checks[0].value, "make test");
    }
}
