//! Takes one value out of a settings file and changes nothing else in it.

use std::ops::Range;
use std::path::Path;

use toml_edit::{Document, TableLike};

use super::edit::{find, path_of};
use super::error::ConfigError;
use super::read;
use super::rows::ROWS;
use super::settings::Settings;

/// Returns `text` without `key`; `None` when it does not name it. Where it has a line of its own, that is commented out
/// and shows the default, as in a new file.
pub(super) fn without_value(
    file: &Path,
    text: &str,
    key: &str,
) -> Result<Option<String>, ConfigError> {
    let document = read::parse(file, text)?;
    let path = path_of(key);
    let new = match place_of(&document, &path) {
        None => return Ok(None),
        Some(Place::Line { name, value }) => commented_out(text, key, name, value),
        Some(Place::Inline) => {
            let mut document = document.into_mut();
            let (leaf, sections) = path.split_last().unwrap_or((&path[0], &[]));
            let section = find(&mut document, sections).and_then(|item| item.as_table_like_mut());
            if let Some(section) = section {
                section.remove(leaf);
                section.fmt();
            }
            document.to_string()
        }
    };
    Ok(Some(new))
}

/// Where a value stands.
enum Place {
    /// On lines of its own; the bytes of its name's last part, and of the value.
    Line {
        name: Range<usize>,
        value: Range<usize>,
    },
    /// Between others of the same line.
    Inline,
}

fn place_of(document: &Document<&str>, path: &[String]) -> Option<Place> {
    let mut table: &dyn TableLike = document.as_table();
    let mut inline = false;
    let (leaf, sections) = path.split_last()?;
    for name in sections {
        let item = table.get(name)?;
        inline |= item.is_inline_table();
        table = item.as_table_like()?;
    }
    let (name, item) = table.get_key_value(leaf)?;
    match (name.span(), item.span()) {
        (Some(name), Some(value)) if !inline => Some(Place::Line { name, value }),
        _ => Some(Place::Inline),
    }
}

fn commented_out(text: &str, key: &str, name: Range<usize>, value: Range<usize>) -> String {
    let line = text[..name.start].rfind('\n').map_or(0, |at| at + 1);
    let default = ROWS
        .iter()
        .find(|row| row.key == key)
        .map(|row| (row.get)(&Settings::default()).to_toml().to_string());
    // A lane has no default that could be shown: what stood there is shown.
    let shown = default.unwrap_or_else(|| text[value.clone()].to_owned());
    format!(
        "{}# {} = {}{}",
        &text[..line],
        text[line..name.end].trim(),
        shown.trim(),
        &text[value.end..]
    )
}
