//! The menu behind a tray icon, read and clicked over the bus as a panel does.

use std::collections::HashMap;

use serde::Deserialize;
use zbus::{OwnedVariant, Proxy, Type, Variant};

use super::tray::Item;
use super::{PATIENCE, Session};
use crate::rig::wait_for;

/// One row, as it is drawn.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: i32,
    pub label: String,
    pub enabled: bool,
    pub rows: Vec<Row>,
}

impl Row {
    fn walk<'a>(&'a self, into: &mut Vec<&'a Row>) {
        for row in &self.rows {
            into.push(row);
            row.walk(into);
        }
    }

    fn everything(&self) -> Vec<&Row> {
        let mut all = Vec::new();
        self.walk(&mut all);
        all
    }
}

/// The shape of a row on the bus: id, properties, rows below it.
#[derive(Debug, Deserialize, Type)]
struct Wire(i32, HashMap<String, OwnedVariant>, Vec<OwnedVariant>);

impl From<Wire> for Row {
    fn from(Wire(id, properties, below): Wire) -> Self {
        let text = |name: &str| {
            properties
                .get(name)
                .and_then(|value| String::try_from(value.clone()).ok())
        };
        let switch = |name: &str| {
            properties
                .get(name)
                .and_then(|value| bool::try_from(value.clone()).ok())
        };
        Row {
            id,
            // An underscore marks the key to press; it is not drawn.
            label: text("label").unwrap_or_default().replacen('_', "", 1),
            enabled: switch("enabled").unwrap_or(true),
            rows: below.iter().filter_map(row).collect(),
        }
    }
}

fn row(value: &OwnedVariant) -> Option<Row> {
    let Variant::Structure(fields) = &**value else {
        return None;
    };
    let [id, properties, below] = fields.fields() else {
        return None;
    };
    let wire = Wire(
        i32::try_from(id.try_clone().ok()?).ok()?,
        HashMap::try_from(properties.try_clone().ok()?).ok()?,
        Vec::try_from(below.try_clone().ok()?).ok()?,
    );
    Some(wire.into())
}

pub struct Menu<'a> {
    session: &'a Session,
    proxy: Proxy<'static>,
}

impl<'a> Menu<'a> {
    pub(super) fn of(session: &'a Session, item: Item) -> Self {
        let proxy = session.runtime.block_on(async {
            let icon = Proxy::new_owned(
                session.connection.clone(),
                item.owner.clone(),
                item.path,
                "org.kde.StatusNotifierItem",
            )
            .await?;
            let menu: zbus::OwnedObjectPath = icon.get_property("Menu").await?;
            Proxy::new_owned(
                session.connection.clone(),
                item.owner,
                menu,
                "com.canonical.dbusmenu",
            )
            .await
        });
        Menu {
            session,
            proxy: proxy.expect("the icon has a menu"),
        }
    }

    /// Everything in it now.
    pub fn read(&self) -> Row {
        let everything = (0_i32, -1_i32, Vec::<String>::new());
        let asked = self.proxy.call("GetLayout", &everything);
        let (_, root): (u32, Wire) = self
            .session
            .runtime
            .block_on(asked)
            .expect("the menu can be read");
        root.into()
    }

    /// Waits until a row's label starts so, and gives that row.
    pub fn wait_for(&self, start: &str) -> Row {
        let look = || {
            self.read()
                .everything()
                .into_iter()
                .find(|row| row.label.starts_with(start))
                .cloned()
        };
        wait_for(PATIENCE, look)
            .unwrap_or_else(|| panic!("no row `{start}…` in the menu: {:#?}", self.read()))
    }

    /// Clicks the row whose label starts so, once it is there and can be clicked. A menu that was drawn anew in between
    /// has other numbers: then it is read again.
    pub fn click(&self, start: &str) {
        let click = || {
            let row = self.wait_for(start);
            let event = (row.id, "clicked", Variant::from(0_i32), 0_u32);
            let taken = |()| {
                let clicked = self.proxy.call_method("Event", &event);
                self.session.runtime.block_on(clicked).ok()
            };
            row.enabled.then_some(()).and_then(taken)
        };
        wait_for(PATIENCE, click)
            .unwrap_or_else(|| panic!("`{start}…` cannot be clicked: {:#?}", self.read()));
    }

    /// Waits until no row's label starts so.
    pub fn wait_without(&self, start: &str) {
        let gone = || {
            (!self
                .read()
                .everything()
                .iter()
                .any(|row| row.label.starts_with(start)))
            .then_some(())
        };
        wait_for(PATIENCE, gone)
            .unwrap_or_else(|| panic!("`{start}…` stays in the menu: {:#?}", self.read()));
    }
}
