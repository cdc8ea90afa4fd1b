//! Turns the menu value into the platform's menu; rows that only change their words are changed in place.

use std::path::Path;

use tauri::image::Image;
use tauri::menu::{CheckMenuItem, IsMenuItem, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};

use super::icon;
use super::menu::{Action, Entry, Item, Menu};
use crate::glance::{Glance, Mark};

/// The tray icon and what it shows now.
pub struct Tray {
    icon: TrayIcon,
    mark: Option<Mark>,
    shown: Option<(Menu, Vec<Row>)>,
}

/// A row as the platform has it.
enum Row {
    Separator,
    Item(MenuItem<Wry>),
    Check(CheckMenuItem<Wry>),
    Submenu(Submenu<Wry>, Vec<Row>),
}

impl Tray {
    /// Puts the icon into the tray; `act` is called for every click, on the main thread. Pictures are written to `folder`.
    ///
    /// # Errors
    /// The platform's tray refused.
    pub fn new(
        app: &AppHandle,
        folder: &Path,
        act: impl Fn(Action) + Send + Sync + 'static,
    ) -> tauri::Result<Self> {
        let icon = TrayIconBuilder::with_id("ripieno")
            .temp_dir_path(folder)
            .icon_as_template(cfg!(target_os = "macos"))
            .on_menu_event(move |_, event| {
                if let Some(action) = Action::from_id(event.id().as_ref()) {
                    act(action);
                }
            })
            .build(app)?;
        Ok(Self {
            icon,
            mark: None,
            shown: None,
        })
    }

    /// Shows mark, words and menu; what is shown already stays.
    ///
    /// # Errors
    /// The platform's tray refused.
    pub fn show(&mut self, app: &AppHandle, glance: &Glance, menu: Menu) -> tauri::Result<()> {
        if self.mark != Some(glance.mark) {
            let picture = Image::from_bytes(icon::png(glance.mark))?;
            self.icon.set_icon(Some(picture))?;
            self.mark = Some(glance.mark);
        }
        self.icon.set_tooltip(Some(&glance.text))?;
        let rows = match self.shown.take() {
            Some((before, rows)) if same_rows(&before.entries, &menu.entries) => {
                change(&rows, &before.entries, &menu.entries)?;
                rows
            }
            _ => {
                let built = tauri::menu::Menu::new(app)?;
                let rows = build(app, &menu.entries, &|row| built.append(row))?;
                self.icon.set_menu(Some(built))?;
                rows
            }
        };
        self.shown = Some((menu, rows));
        Ok(())
    }
}

/// Whether two menus differ in words only.
fn same_rows(before: &[Entry], after: &[Entry]) -> bool {
    before.len() == after.len()
        && before.iter().zip(after).all(|pair| match pair {
            (Entry::Separator, Entry::Separator) | (Entry::Text(_), Entry::Text(_)) => true,
            (Entry::Item(a), Entry::Item(b)) | (Entry::Check(a, _), Entry::Check(b, _)) => {
                a.action == b.action
            }
            (Entry::Submenu(_, a), Entry::Submenu(_, b)) => same_rows(a, b),
            _ => false,
        })
}

fn change(rows: &[Row], before: &[Entry], after: &[Entry]) -> tauri::Result<()> {
    for ((row, before), after) in rows.iter().zip(before).zip(after) {
        let words_differ = before != after;
        match (row, before, after) {
            (Row::Item(row), _, Entry::Text(label)) if words_differ => {
                row.set_text(plain(label))?
            }
            (Row::Item(row), _, Entry::Item(item)) if words_differ => {
                row.set_text(plain(&item.label))?;
                row.set_enabled(item.enabled)?;
            }
            (Row::Check(row), _, Entry::Check(item, on)) => {
                // The platform switches a clicked row by itself, also back to what was not asked for.
                if row.is_checked()? != *on {
                    row.set_checked(*on)?;
                }
                if words_differ {
                    row.set_text(plain(&item.label))?;
                }
            }
            // Also one that did not change: what the platform switches may be in it.
            (Row::Submenu(row, rows), Entry::Submenu(_, before), Entry::Submenu(label, after)) => {
                if words_differ {
                    row.set_text(plain(label))?;
                }
                change(rows, before, after)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn build(
    app: &AppHandle,
    entries: &[Entry],
    append: &dyn Fn(&dyn IsMenuItem<Wry>) -> tauri::Result<()>,
) -> tauri::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for entry in entries {
        rows.push(match entry {
            Entry::Separator => {
                append(&PredefinedMenuItem::separator(app)?)?;
                Row::Separator
            }
            Entry::Text(label) => {
                let row = MenuItem::new(app, plain(label), false, None::<&str>)?;
                append(&row)?;
                Row::Item(row)
            }
            Entry::Item(item) => {
                let Item { label, enabled, .. } = item;
                let row =
                    MenuItem::with_id(app, item.action.id(), plain(label), *enabled, None::<&str>)?;
                append(&row)?;
                Row::Item(row)
            }
            Entry::Check(item, on) => {
                let (id, label) = (item.action.id(), plain(&item.label));
                let row = CheckMenuItem::with_id(app, id, label, item.enabled, *on, None::<&str>)?;
                append(&row)?;
                Row::Check(row)
            }
            Entry::Submenu(label, entries) => {
                let row = Submenu::new(app, plain(label), true)?;
                let rows = build(app, entries, &|item| row.append(item))?;
                append(&row)?;
                Row::Submenu(row, rows)
            }
        });
    }
    Ok(rows)
}

/// A label without keys to press: the platform would take `&` for one.
fn plain(label: &str) -> String {
    label.replace('&', "&&")
}
