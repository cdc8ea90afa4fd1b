//! Files that a surface puts down for a task that is not added yet (T25): each in a folder of its own, for a day.

use crate::{ctx::Ctx, paths::make_private_folder};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// How long a staged file stays.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest name, in bytes: every file system takes it.
const LONGEST_NAME: usize = 200;

/// Puts a file down below `folder`, readable by its user only; `place` is a name that was never used.
///
/// # Errors
/// What the system reports; nothing is left then.
pub fn put(folder: &Path, place: &str, name: &str, data: &[u8]) -> io::Result<PathBuf> {
    let own = folder.join(place);
    make_private_folder(&own).map_err(io::Error::other)?;
    let file = own.join(safe_name(name));
    let written = write(&file, data);
    if written.is_err() {
        drop(fs::remove_dir_all(&own));
    }
    written.map(|()| file)
}

fn write(file: &Path, data: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(data)
}

/// Makes a name one that means the same file everywhere and nothing else: no path, no control or direction character, no
/// option of a command, no device of Windows. The ending stays.
#[must_use]
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| !c.is_control() && !directs(*c))
        .map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c })
        .collect();
    let plain = plain.trim().trim_end_matches(['.', ' ']);
    let (stem, ending) = match plain.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 20 => (stem, Some(ending)),
        _ => (plain, None),
    };
    let mut stem = stem.to_owned();
    while stem.len() + ending.map_or(0, |ending| ending.len() + 1) > LONGEST_NAME {
        stem.pop();
    }
    if stem.trim_matches('.').is_empty() {
        stem = "file".to_owned();
    } else if stem.starts_with('-') || is_device(&stem) {
        stem.insert(0, '_');
    }
    match ending {
        Some(ending) => format!("{stem}.{ending}"),
        None => stem,
    }
}

/// Whether a character turns or hides others: bidirectional controls, zero-width ones, line separators.
pub(crate) fn directs(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}')
}

/// Whether Windows takes the name for a device, whatever its ending.
pub(crate) fn is_device(stem: &str) -> bool {
    let stem = stem.split('.').next().unwrap_or(stem).to_ascii_uppercase();
    let numbered = |device: &str| {
        let number = stem.strip_prefix(device);
        number.is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// Removes what is older than a day until the worker stops; sleeps while nothing is staged.
pub async fn run(ctx: Ctx) {
    loop {
        let folder = ctx.home.staged_dir();
        let swept = tokio::task::spawn_blocking(move || sweep(&folder, SystemTime::now())).await;
        let next = swept.unwrap_or_default();
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = ctx.staged.notified(), if next.is_none() => {}
            () = tokio::time::sleep(next.unwrap_or(KEPT)), if next.is_some() => {}
        }
    }
}

/// Removes what is older than a day, and tells when the next one will be.
fn sweep(folder: &Path, now: SystemTime) -> Option<Duration> {
    let mut next: Option<Duration> = None;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let begun = entry.metadata().and_then(|meta| meta.modified());
        // One from the future is as good as new.
        let age = begun.map_or(KEPT, |at| now.duration_since(at).unwrap_or_default());
        let left = KEPT.saturating_sub(age);
        if left.is_zero() {
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::warn!(%error, "a staged file stays");
            }
        } else {
            next = Some(next.map_or(left, |soonest| soonest.min(left)));
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_kept_where_they_do_no_harm() {
        for (given, safe) in [
            ("notes.txt", "notes.txt"),
            ("設計 図.png", "設計 図.png"),
            (".env", ".env"),
            ("archive.tar.gz", "archive.tar.gz"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\a.txt", "a.txt"),
            ("-rf", "_-rf"),
            ("--help.txt", "_--help.txt"),
            ("a:b?.txt", "a_b_.txt"),
            ("line\nbreak\0.txt", "linebreak.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("NUL.txt", "_NUL.txt"),
            ("com1", "_com1"),
            ("trailing. ", "trailing"),
            ("", "file"),
            (".", "file"),
            ("..", "file"),
            ("a/", "file"),
        ] {
            assert_eq!(safe_name(given), safe, "{given:?}");
        }
    }

    #[test]
    fn long_name_is_cut_and_keeps_its_ending() {
        let name = safe_name(&format!("{}.pdf", "図".repeat(300)));
        assert!(
            name.len() <= LONGEST_NAME && name.ends_with("図.pdf"),
            "{name}"
        );
    }

    proptest! {
        #[test]
        fn any_name_stays_in_its_folder(name in "\\PC{0,60}|[./\\\\a\u{0}-]{0,20}") {
            let safe = safe_name(&name);
            let path = Path::new("/staged").join(&safe);
            prop_assert_eq!(path.parent(), Some(Path::new("/staged")));
            prop_assert_eq!(path.file_name().and_then(|n| n.to_str()), Some(safe.as_str()));
            prop_assert_eq!(safe_name(&safe), safe.clone(), "safe already");
        }
    }

    #[cfg(unix)]
    #[test]
    fn staged_file_is_private_and_never_replaces_another() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = put(folder.path(), "one", "a.txt", b"data").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"data");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let around = file.parent().unwrap();
        assert_eq!(
            fs::metadata(around).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let other = put(folder.path(), "two", "a.txt", b"more").unwrap();
        assert_ne!(file, other);
        assert_eq!(fs::read(&file).unwrap(), b"data");
    }

    #[test]
    fn what_is_older_than_a_day_goes_and_the_rest_says_when() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "one", "a.txt", b"").unwrap();
        let soon = sweep(folder.path(), SystemTime::now() + KEPT / 2).unwrap();
        assert!(soon <= KEPT / 2 && soon > KEPT / 3, "{soon:?}");
        assert!(folder.path().join("one/a.txt").exists());
        assert_eq!(sweep(folder.path(), SystemTime::now() + KEPT), None);
        assert!(!folder.path().join("one").exists());
        assert_eq!(sweep(&folder.path().join("gone"), SystemTime::now()), None);
    }
}
