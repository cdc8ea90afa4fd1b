//! An entry in the autostart folder of the freedesktop specification.

use std::io;
use std::path::{Path, PathBuf};

use super::{AutostartError, HIDDEN};

const FILE: &str = "dev.ripieno.desktop.desktop";

/// Whether the entry is there and in force.
pub(crate) fn is_set() -> Result<bool, AutostartError> {
    match std::fs::read_to_string(file()?) {
        // Desktops switch an entry off by marking it.
        Ok(text) => Ok(!text.lines().any(|line| line.trim() == "Hidden=true")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(AutostartError(error.to_string())),
    }
}

/// Writes or removes the entry.
pub(crate) fn set(on: bool) -> Result<(), AutostartError> {
    let file = file()?;
    let done = if on {
        crate::program::path().and_then(|program| write(&file, &program))
    } else {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    };
    done.map_err(|error| AutostartError(format!("{}: {error}", file.display())))
}

fn write(file: &Path, program: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, entry(program))
}

fn file() -> Result<PathBuf, AutostartError> {
    folder(|name| std::env::var_os(name).map(PathBuf::from))
        .map(|folder| folder.join(FILE))
        .ok_or_else(|| AutostartError("this account has no home folder".into()))
}

/// The folder by the specification: absolute, or it does not count.
fn folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let config = absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(config.join("autostart"))
}

fn entry(program: &Path) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Ripieno\nIcon=ripieno-desktop\nExec={} {HIDDEN}\nTerminal=false\nStartupNotify=false\n",
        quoted(&program.to_string_lossy()),
    )
}

/// One word of an Exec line: quoted, with what the specification wants escaped, twice where it is a string as well.
fn quoted(word: &str) -> String {
    let mut out = String::from("\"");
    for c in word.chars() {
        match c {
            '\\' => out.push_str("\\\\\\\\"),
            '"' | '`' | '$' => {
                out.push_str("\\\\");
                out.push(c);
            }
            '%' => out.push_str("%%"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_starts_the_program_hidden_whatever_its_folder_is_called() {
        let text = entry(Path::new("/opt/my $apps/100%/ripieno-desktop"));
        let line = text.lines().find(|line| line.starts_with("Exec=")).unwrap();
        assert_eq!(
            line,
            r#"Exec="/opt/my \\$apps/100%%/ripieno-desktop" --hidden"#
        );
    }

    #[test]
    fn folder_follows_the_specification() {
        let named = |set: &[(&str, &str)]| {
            folder(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, path)| PathBuf::from(path))
            })
        };
        let home = ("HOME", "/home/me");
        assert_eq!(named(&[home]), Some("/home/me/.config/autostart".into()));
        assert_eq!(
            named(&[home, ("XDG_CONFIG_HOME", "/cfg")]),
            Some("/cfg/autostart".into())
        );
        assert_eq!(
            named(&[home, ("XDG_CONFIG_HOME", "cfg")]),
            Some("/home/me/.config/autostart".into())
        );
        assert_eq!(named(&[]), None);
    }

    #[test]
    fn entry_can_be_written_where_no_folder_is_yet() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("a/autostart").join(FILE);
        write(&file, Path::new("/usr/bin/ripieno-desktop")).unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.starts_with("[Desktop Entry]\n"), "{text}");
    }
}
