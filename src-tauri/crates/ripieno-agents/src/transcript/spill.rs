//! Long input and output of tools: a head and a tail stay inline, the whole goes to a file (R2).

use crate::{stream::Item, text::floor};
use std::{io, path::Path};

/// How much of a tool's input or output is inline.
pub const INLINE: usize = 8 * 1024;

/// How long any other text of one entry may be.
const TEXT: usize = 1024 * 1024;

/// Makes an item fit for a line: spills long input and output into `folder` under names made of the entry's number,
/// and cuts other text with a mark.
///
/// # Errors
/// When the file cannot be written.
pub(super) async fn fit(mut item: Item, folder: &Path, n: u64) -> io::Result<Item> {
    match &mut item {
        Item::ToolCall {
            input,
            spilled: spilled @ None,
            ..
        } => {
            let whole = serde_json::to_vec(input)?;
            if whole.len() > INLINE {
                let name = format!("{n}-input.json");
                tokio::fs::write(folder.join(&name), whole).await?;
                (*input, *spilled) = (serde_json::Value::Null, Some(name));
            }
        }
        Item::ToolResult {
            output,
            spilled: spilled @ None,
            ..
        } if output.len() > INLINE => {
            let name = format!("{n}-output.txt");
            tokio::fs::write(folder.join(&name), output.as_bytes()).await?;
            (*output, *spilled) = (ends(output, &name), Some(name));
        }
        Item::Text { text, .. }
        | Item::Thinking { text }
        | Item::Status { text }
        | Item::Ask { text }
        | Item::Error { text } => cut(text),
        _ => {}
    }
    Ok(item)
}

/// The head and the tail of a text, with what lies between them named.
fn ends(text: &str, name: &str) -> String {
    let mark = |left: usize| format!("\n[{left} bytes left out: the whole is in {name}]\n");
    let room = INLINE - mark(usize::MAX).len();
    let head = floor(text, room / 2);
    let mut tail = text.len() - room / 2;
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    format!("{}{}{}", &text[..head], mark(tail - head), &text[tail..])
}

fn cut(text: &mut String) {
    if text.len() > TEXT {
        let end = floor(text, TEXT);
        let left = text.len() - end;
        text.truncate(end);
        text.push_str(&format!(" [cut: {left} more bytes]"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(output: &str) -> Item {
        Item::ToolResult {
            id: "t".to_owned(),
            output: output.to_owned(),
            spilled: None,
            error: false,
            ms: Some(3),
        }
    }

    #[tokio::test]
    async fn output_within_the_limit_stays_inline() {
        let folder = tempfile::tempdir().unwrap();
        let item = result(&"x".repeat(INLINE));
        assert_eq!(fit(item.clone(), folder.path(), 7).await.unwrap(), item);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn longer_output_keeps_its_ends_inline_and_is_whole_in_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let whole = format!("begin{}end", "é€x".repeat(5000));
        let Item::ToolResult {
            output,
            spilled,
            ms,
            ..
        } = fit(result(&whole), folder.path(), 7).await.unwrap()
        else {
            panic!("another kind")
        };
        assert!(output.len() <= INLINE && output.starts_with("begin") && output.ends_with("end"));
        assert!(output.contains("bytes left out: the whole is in 7-output.txt]"));
        assert_eq!((spilled.as_deref(), ms), (Some("7-output.txt"), Some(3)));
        let file = std::fs::read_to_string(folder.path().join("7-output.txt")).unwrap();
        assert_eq!(file, whole);
    }

    #[tokio::test]
    async fn longer_input_is_in_its_file_only() {
        let folder = tempfile::tempdir().unwrap();
        let input = serde_json::json!({ "content": "x".repeat(INLINE) });
        let call = serde_json::json!({
            "kind": "tool_call", "id": "t", "tool": "Write", "line": "Write a", "input": input,
        });
        let call: Item = serde_json::from_value(call).unwrap();
        let Item::ToolCall {
            input: inline,
            spilled,
            ..
        } = fit(call, folder.path(), 8).await.unwrap()
        else {
            panic!("another kind")
        };
        assert_eq!(
            (inline, spilled.as_deref()),
            (serde_json::Value::Null, Some("8-input.json"))
        );
        let file = std::fs::read(folder.path().join("8-input.json")).unwrap();
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&file).unwrap(),
            input
        );
    }

    #[tokio::test]
    async fn any_other_text_is_cut_with_a_mark() {
        let folder = tempfile::tempdir().unwrap();
        let item = Item::Text {
            text: "x".repeat(TEXT + 9),
            stream: None,
        };
        let Item::Text { text, .. } = fit(item, folder.path(), 9).await.unwrap() else {
            panic!()
        };
        assert!(text.ends_with("x [cut: 9 more bytes]"));
    }
}
