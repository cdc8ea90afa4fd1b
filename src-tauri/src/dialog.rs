//! The system's own dialogs, on the main thread where the toolkit wants them.

use std::path::PathBuf;

use tokio::sync::oneshot;

use crate::shell::Shell;

/// Lets the person choose a folder; `None` when they do not.
#[cfg(target_os = "linux")]
pub(crate) async fn pick_folder(shell: &Shell) -> Option<PathBuf> {
    use std::cell::Cell;

    use gtk::prelude::*;
    use tauri::Manager;

    let (tell, told) = oneshot::channel();
    let title = shell.speech.words().say("tray-choose-folder");
    let window = shell.app.get_webview_window(crate::window::LABEL);
    let show = move || {
        let parent = window.and_then(|window| window.gtk_window().ok());
        let action = gtk::FileChooserAction::SelectFolder;
        let chooser =
            gtk::FileChooserNative::new(Some(&title), parent.as_ref(), action, None, None);
        chooser.set_modal(true);
        let tell = Cell::new(Some(tell));
        // Nobody else holds the dialog while it is shown.
        let held = Cell::new(Some(chooser.clone()));
        chooser.connect_response(move |chooser, response| {
            let chosen = (response == gtk::ResponseType::Accept)
                .then(|| chooser.filename())
                .flatten();
            if let Some(tell) = tell.take() {
                drop(tell.send(chosen));
            }
            drop(held.take());
        });
        chooser.show();
    };
    shell.app.run_on_main_thread(show).ok()?;
    told.await.ok().flatten()
}

/// Lets the person choose a folder; `None` when they do not.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn pick_folder(shell: &Shell) -> Option<PathBuf> {
    let (tell, told) = oneshot::channel();
    let title = shell.speech.words().say("tray-choose-folder");
    let show = move || {
        let dialog = rfd::AsyncFileDialog::new().set_title(title);
        let chosen = dialog.pick_folder();
        tauri::async_runtime::spawn(async move {
            let path = chosen.await.map(|folder| folder.path().to_owned());
            drop(tell.send(path));
        });
    };
    shell.app.run_on_main_thread(show).ok()?;
    told.await.ok().flatten()
}
