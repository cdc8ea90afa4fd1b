//! Long inputs and outputs of tools: inline up to 8 KiB, whole in a file of the run (R2).

use crate::{stream::Item, text::floor};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// How much stays inline, in bytes.
const INLINE: usize = 8 * 1024;

/// How much of one text within a long input stays inline, in bytes.
const FIELD: usize = 512;

/// Puts what is too long into files of one folder.
pub(super) struct Spill {
    folder: PathBuf,
    serial: u32,
}

impl Spill {
    pub(super) fn new(folder: &Path) -> Self {
        Spill { folder: folder.to_owned(), serial: 0 }
    }

    /// Shortens an item; what was cut off is in the file it names. A file that cannot be written costs the
    /// rest of the text, never the run: then the problem is told.
    pub(super) async fn shorten(&mut self, item: &mut Item) -> Option<String> {
        match item {
            Item::ToolCall { input, spilled, .. } => {
                let whole = input.to_string();
                if whole.len() <= INLINE {
                    return None;
                }
                *input = shortened(input);
                let (name, problem) = self.write("input", "json", &whole).await;
                *spilled = name;
                problem
            }
            Item::ToolResult { output, spilled, .. } if output.len() > INLINE => {
                let (name, problem) = self.write("output", "txt", output).await;
                *output = head_and_tail(output);
                *spilled = name;
                problem
            }
            _ => None,
        }
    }

    async fn write(&mut self, what: &str, ending: &str, text: &str) -> (Option<String>, Option<String>) {
        loop {
            self.serial += 1;
            let name = format!("{what}-{:04}.{ending}", self.serial);
            let path = self.folder.join(&name);
            let mut options = tokio::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            options.mode(0o600);
            let written = async {
                let mut file = options.open(&path).await?;
                tokio::io::AsyncWriteExt::write_all(&mut file, text.as_bytes()).await?;
                tokio::io::AsyncWriteExt::flush(&mut file).await
            };
            match written.await {
                Ok(()) => return (Some(name), None),
                // An earlier run of the attempt has used this name.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let problem = format!("the whole text cannot be kept in {}: {error}", path.display());
                    return (None, Some(problem));
                }
            }
        }
    }
}

fn head_and_tail(text: &str) -> String {
    let head = floor(text, INLINE / 2);
    let mut tail = text.len() - (INLINE / 2 - 100);
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    format!("{}\n[{} bytes left out]\n{}", &text[..head], tail - head, &text[tail..])
}

/// The same value with its long texts cut, or the head of its JSON when that is still too long.
fn shortened(value: &Value) -> Value {
    let short = cut(value);
    let json = short.to_string();
    if json.len() <= INLINE { short } else { Value::from(&json[..floor(&json, INLINE - 100)]) }
}

fn cut(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > FIELD => {
            let head = floor(text, FIELD);
            Value::from(format!("{}… [{} bytes more]", &text[..head], text.len() - head))
        }
        Value::Array(list) => list.iter().map(cut).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), cut(value))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn long_output_keeps_head_and_tail_and_the_file_has_it_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut spill = Spill::new(folder.path());
        let whole = format!("START{}END", "é".repeat(20_000));
        let result = |output: &str| Item::ToolResult {
            id: "1".into(),
            output: output.to_owned(),
            spilled: None,
            error: false,
            ms: None,
        };
        for _ in 0..2 {
            let mut item = result(&whole);
            assert_eq!(spill.shorten(&mut item).await, None);
            let Item::ToolResult { output, spilled, .. } = item else { panic!() };
            assert!(output.len() <= INLINE && output.starts_with("START") && output.ends_with("END"));
            let file = folder.path().join(spilled.unwrap());
            assert_eq!(std::fs::read_to_string(file).unwrap(), whole);
            spill.serial = 0;
        }
        let mut short = result("short");
        assert_eq!(spill.shorten(&mut short).await, None);
        assert_eq!(short, result("short"));
    }

    #[tokio::test]
    async fn long_input_stays_readable_and_a_missing_folder_is_told() {
        let mut spill = Spill::new(Path::new("/nowhere/at/all"));
        let mut item = Item::ToolCall {
            id: "1".into(),
            tool: "Write".into(),
            line: String::new(),
            input: json!({"file_path": "/a", "content": "x".repeat(100_000)}),
            spilled: None,
            parent: None,
        };
        assert!(spill.shorten(&mut item).await.unwrap().contains("/nowhere/at/all"));
        let Item::ToolCall { input, spilled: None, .. } = item else { panic!() };
        assert_eq!(input["file_path"], "/a");
        assert!(input.to_string().len() < INLINE);
        assert!(shortened(&Value::from(vec!["y".repeat(400); 100])).is_string());
    }
}
