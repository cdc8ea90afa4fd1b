//! The system's own dialogs, on the main thread where the toolkit wants them.

use std::path::{Path, PathBuf};

use tokio::sync::oneshot;

use crate::shell::Shell;
use crate::words::Words;

/// HUP, INT and TERM.
#[cfg(target_os = "linux")]
const SIGNALS: [i32; 3] = [1, 2, 15];

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

/// What the person wants of a program that shows no icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// It goes on, in the taskbar.
    Here,
    /// It quits in order.
    Quit,
}

/// Says that the window stays in the taskbar where there is no tray, and asks whether to quit instead.
#[cfg(target_os = "linux")]
pub(crate) async fn stay_or_quit(shell: &Shell) -> Stay {
    let words = shell.speech.words();
    let said = [words.say("tray-absent"), words.say("tray-absent-more")];
    ask(shell, said).await
}

/// Says how many tasks are at work, and asks whether to quit all the same.
pub(crate) async fn quit_at_work(shell: &Shell, tasks: u64) -> Stay {
    let words = shell.speech.words();
    let busy = words.fill("tray-busy", &[("n", tasks.into())]);
    ask(shell, [busy, words.say("tray-busy-more")]).await
}

/// Asks whether to quit by two sentences; whoever closes the dialog stays.
#[cfg(target_os = "linux")]
async fn ask(shell: &Shell, [text, more]: [String; 2]) -> Stay {
    use std::cell::Cell;

    use gtk::prelude::*;

    let (tell, told) = oneshot::channel();
    let words = shell.speech.words();
    let show = move || {
        let dialog = gtk::MessageDialog::new(
            None::<&gtk::Window>,
            gtk::DialogFlags::empty(),
            gtk::MessageType::Info,
            gtk::ButtonsType::None,
            &text,
        );
        dialog.set_title("Ripieno");
        dialog.set_secondary_text(Some(&more));
        dialog.add_button(&words.say("tray-quit"), gtk::ResponseType::Reject);
        dialog.add_button(&words.say("tray-absent-stay"), gtk::ResponseType::Accept);
        dialog.set_default_response(gtk::ResponseType::Accept);
        let tell = Cell::new(Some(tell));
        dialog.connect_response(move |dialog, response| {
            let stay = match response {
                gtk::ResponseType::Reject => Stay::Quit,
                _ => Stay::Here,
            };
            if let Some(tell) = tell.take() {
                // Nobody waits any more when the program is ending.
                let _ = tell.send(stay);
            }
            dialog.close();
        });
        dialog.show_all();
    };
    if shell.app.run_on_main_thread(show).is_err() {
        return Stay::Here;
    }
    told.await.unwrap_or(Stay::Here)
}

/// Asks whether to quit by two sentences; whoever closes the dialog stays.
#[cfg(not(target_os = "linux"))]
async fn ask(shell: &Shell, [text, more]: [String; 2]) -> Stay {
    use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult};

    let words = shell.speech.words();
    let (quit, stay) = (words.say("tray-quit"), words.say("tray-absent-stay"));
    let buttons = MessageButtons::OkCancelCustom(quit.clone(), stay);
    let dialog = AsyncMessageDialog::new()
        .set_title(text)
        .set_description(more)
        .set_buttons(buttons);
    match dialog.show().await {
        MessageDialogResult::Custom(pressed) if pressed == quit => Stay::Quit,
        MessageDialogResult::Ok => Stay::Quit,
        _ => Stay::Here,
    }
}

/// The other systems always show the icon.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn stay_or_quit(_: &Shell) -> Stay {
    Stay::Here
}

/// Says why the program does not run, and returns when the person has read it or the system wants it to end. Says
/// nothing where no display was opened.
#[cfg(target_os = "linux")]
pub(crate) fn tell_fault(words: &Words, why: &str, logs: Option<&Path>) {
    use gtk::glib;
    use gtk::prelude::*;

    if !gtk::is_initialized_main_thread() {
        return;
    }
    let dialog = gtk::MessageDialog::new(
        None::<&gtk::Window>,
        gtk::DialogFlags::empty(),
        gtk::MessageType::Error,
        gtk::ButtonsType::None,
        &words.say("tray-fault"),
    );
    dialog.set_title("Ripieno");
    dialog.set_secondary_text(Some(&fault_text(words, why, logs)));
    dialog.add_button(&words.say("tray-fault-close"), gtk::ResponseType::Close);
    // Whoever took the signals before is gone.
    for signal in SIGNALS {
        let asked = dialog.clone();
        glib::unix_signal_add_local(signal, move || {
            asked.response(gtk::ResponseType::Close);
            glib::ControlFlow::Break
        });
    }
    dialog.run();
}

/// Says why the program does not run.
#[cfg(not(target_os = "linux"))]
pub(crate) fn tell_fault(words: &Words, why: &str, logs: Option<&Path>) {
    let dialog = rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title(words.say("tray-fault"))
        .set_description(fault_text(words, why, logs));
    dialog.show();
}

/// The reason, and where more is to be read.
fn fault_text(words: &Words, why: &str, logs: Option<&Path>) -> String {
    let more = logs.map(|folder| {
        let folder = folder.display().to_string();
        words.fill("tray-fault-log", &[("folder", folder.into())])
    });
    [Some(why.to_owned()), more]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n\n")
}
