//! Changes one value of a settings file and nothing else in it.

use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::error::ConfigError;
use super::template::split;
use super::value::Value;
use super::{read, settings};

/// Returns `text` with `key` set to `value`. An existing value is replaced in place with its
/// comment kept; a commented-out one is uncommented where it stands; else it is added.
pub(super) fn with_value(
    file: &Path,
    text: &str,
    key: &str,
    value: &Value,
) -> Result<String, ConfigError> {
    let mut document = read::parse(file, text)?.into_mut();
    let path = path_of(key);
    if find(&mut document, &path).is_none() {
        for candidate in [
            uncomment(text, key, value),
            append(&mut document, text, &path, value),
        ] {
            // Inside a text of several lines the same letters mean something else.
            let fits = |new: &String| {
                read::parse(file, new).is_ok_and(|new| is_set(new.into_mut(), &path, value))
            };
            if let Some(new) = candidate.filter(fits) {
                return Ok(new);
            }
        }
    }
    put(file, &mut document, &path, value)?;
    let new = document.to_string();
    // The library writes plain line ends.
    Ok(if text.contains("\r\n") {
        new.replace('\n', "\r\n")
    } else {
        new
    })
}

/// Adds a section that is not there yet behind everything else.
fn append(
    document: &mut DocumentMut,
    text: &str,
    path: &[String],
    value: &Value,
) -> Option<String> {
    let (leaf, sections) = path.split_last()?;
    if sections.is_empty() || find(document, sections).is_some() {
        return None;
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let header: Vec<String> = sections
        .iter()
        .map(|name| toml_edit::Key::new(name).display_repr().into_owned())
        .collect();
    let mut out = text.to_owned();
    if !out.is_empty() {
        out.push_str(if out.ends_with('\n') { end } else { "\n\n" });
    }
    out.push_str(&format!(
        "[{}]{end}{leaf} = {}{end}",
        header.join("."),
        value.to_toml()
    ));
    Some(out)
}

/// Splits a key into the names of its tables and its own.
pub(super) fn path_of(key: &str) -> Vec<String> {
    match settings::lane_of(key) {
        Some(lane) => vec!["lanes".to_owned(), lane.to_string(), "slots".to_owned()],
        None => key.split('.').map(str::to_owned).collect(),
    }
}

pub(super) fn find<'d>(document: &'d mut DocumentMut, path: &[String]) -> Option<&'d mut Item> {
    let mut item = document.as_item_mut();
    for name in path {
        item = item.as_table_like_mut()?.get_mut(name)?;
    }
    Some(item)
}

fn is_set(mut document: DocumentMut, path: &[String], value: &Value) -> bool {
    let wanted = value.to_toml().to_string();
    find(&mut document, path).is_some_and(|item| item.to_string().trim() == wanted.trim())
}

fn put(
    file: &Path,
    document: &mut DocumentMut,
    path: &[String],
    value: &Value,
) -> Result<(), ConfigError> {
    let Some((leaf, sections)) = path.split_last() else {
        return Ok(());
    };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for (depth, name) in sections.iter().enumerate() {
        let last = depth + 1 == sections.len();
        let item = table.entry(name).or_insert_with(|| {
            let mut new = Table::new();
            // Only the innermost section gets a header of its own.
            new.set_implicit(!last);
            Item::Table(new)
        });
        let given = item.to_string().trim().to_owned();
        table = item.as_table_like_mut().ok_or_else(|| ConfigError::Value {
            place: file.display().to_string(),
            key: name.clone(),
            given,
            allowed: format!("a section: [{name}]"),
        })?;
    }
    let mut new = value.to_toml();
    match table.get_mut(leaf).and_then(Item::as_value_mut) {
        Some(old) => {
            // The spaces and the comment around the old value.
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(leaf, toml_edit::value(new));
        }
    }
    Ok(())
}

/// Replaces the line that shows `key` commented out in its section.
fn uncomment(text: &str, key: &str, value: &Value) -> Option<String> {
    let (section, leaf) = split(key);
    let header = format!("[{section}]");
    let mut inside = section.is_empty();
    let mut out = String::with_capacity(text.len());
    let mut done = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with('[') {
            inside = trimmed == header;
        }
        if !done && inside && shows(trimmed, leaf) {
            let ending = &line[line.trim_end_matches(['\r', '\n']).len()..];
            out.push_str(&format!("{leaf} = {}{ending}", value.to_toml()));
            done = true;
        } else {
            out.push_str(line);
        }
    }
    done.then_some(out)
}

fn shows(line: &str, leaf: &str) -> bool {
    line.strip_prefix('#')
        .and_then(|rest| rest.trim_start().strip_prefix(leaf))
        .is_some_and(|rest| rest.trim_start().starts_with('='))
}
