//! Turns the menu value into the platform's menu.

use tauri::image::Image;
use tauri::menu::{IsMenuItem, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};

use super::icon;
use super::menu::{Action, Entry, Menu};
use crate::glance::Glance;

/// The tray icon and what it shows now.
pub struct Tray {
    icon: TrayIcon,
    shown: Option<(Glance, Menu)>,
}

impl Tray {
    /// Puts the icon into the tray; `act` is called for every click, on the main thread.
    ///
    /// # Errors
    /// The platform's tray refused.
    pub fn new(
        app: &AppHandle,
        act: impl Fn(Action) + Send + Sync + 'static,
    ) -> tauri::Result<Self> {
        let icon = TrayIconBuilder::with_id("ripieno")
            .icon_as_template(cfg!(target_os = "macos"))
            .on_menu_event(move |_, event| {
                if let Some(action) = Action::from_id(event.id().as_ref()) {
                    act(action);
                }
            })
            .build(app)?;
        Ok(Self { icon, shown: None })
    }

    /// Shows mark, words and menu; does nothing when they are shown already.
    ///
    /// # Errors
    /// The platform's tray refused.
    pub fn show(&mut self, app: &AppHandle, glance: Glance, menu: Menu) -> tauri::Result<()> {
        let next = (glance, menu);
        if self.shown.as_ref() == Some(&next) {
            return Ok(());
        }
        let (glance, menu) = &next;
        self.icon
            .set_icon(Some(Image::from_bytes(icon::png(glance.mark))?))?;
        self.icon.set_tooltip(Some(&glance.text))?;
        self.icon.set_menu(Some(platform_menu(app, menu)?))?;
        self.shown = Some(next);
        Ok(())
    }
}

fn platform_menu(app: &AppHandle, menu: &Menu) -> tauri::Result<tauri::menu::Menu<Wry>> {
    let built = tauri::menu::Menu::new(app)?;
    for (row, entry) in menu.entries.iter().enumerate() {
        let item: Box<dyn IsMenuItem<Wry>> = match entry {
            Entry::Separator => Box::new(PredefinedMenuItem::separator(app)?),
            Entry::Text(text) => Box::new(MenuItem::with_id(
                app,
                format!("text-{row}"),
                text,
                false,
                None::<&str>,
            )?),
            Entry::Item(item) => Box::new(MenuItem::with_id(
                app,
                item.action.id(),
                &item.label,
                item.enabled,
                None::<&str>,
            )?),
        };
        built.append(item.as_ref())?;
    }
    Ok(built)
}
