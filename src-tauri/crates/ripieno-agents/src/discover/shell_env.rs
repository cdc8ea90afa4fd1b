//! The environment of the person's login shell: what a terminal would have, for a worker that was started from a
//! desktop launcher (R11).

use super::probe::{Silent, ask};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long the shell may take.
const LIMIT: Duration = Duration::from_secs(3);

/// Stands before and after what is wanted: shells greet, and their files print.
const MARK: &str = "ripieno-environment-9f2c";

/// Why the login shell's environment could not be had; the worker's own is used then.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoginEnvError {
    /// It did not answer: too slow, or not to be started.
    #[error(
        "the login shell {shell} did not tell its environment: {problem}; check its start-up files"
    )]
    NoAnswer {
        /// The shell.
        shell: PathBuf,
        /// What was in the way.
        problem: String,
    },
    /// It printed something else.
    #[error("the login shell {shell} printed no environment; check its start-up files")]
    Unreadable {
        /// The shell.
        shell: PathBuf,
    },
}

/// Asks the login shell for its environment; takes at most 3 s. `base` is the worker's own environment; the shell is
/// `SHELL` of it, else `/bin/sh`. Values that are no UTF-8 are left out.
///
/// # Errors
/// [`LoginEnvError`] when it does not answer in time or with something else.
pub async fn login_environment(
    base: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, LoginEnvError> {
    let shell = base
        .get("SHELL")
        .filter(|shell| Path::new(shell).is_absolute());
    let shell = PathBuf::from(shell.map_or("/bin/sh", String::as_str));
    let script = format!("printf '%s\\0' {MARK}; env -0; printf '%s\\0' {MARK}");
    let mut result = Err(Silent::TooSlow(LIMIT));
    let begun = std::time::Instant::now();
    // Interactive first: that is where version managers are set up. `sh` knows no -i without a terminal everywhere.
    for flags in ["-lic", "-lc"] {
        let args = [OsString::from(flags), OsString::from(&script)];
        result = ask(
            &shell,
            &args,
            base,
            LIMIT.saturating_sub(begun.elapsed()),
            true,
        )
        .await;
        if let Ok(said) = &result {
            if let Some(vars) = between_marks(&said.stdout) {
                return Ok(vars);
            }
        } else {
            break;
        }
    }
    Err(match result {
        Ok(_) => LoginEnvError::Unreadable { shell },
        Err(silent) => LoginEnvError::NoAnswer {
            shell,
            problem: silent.to_string(),
        },
    })
}

/// The variables between the two marks; `None` when they are not both there.
fn between_marks(printed: &[u8]) -> Option<BTreeMap<String, String>> {
    let entries: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
    let marks: Vec<usize> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.ends_with(MARK.as_bytes()))
        .map(|(at, _)| at)
        .collect();
    let [first, .., last] = marks.as_slice() else {
        return None;
    };
    let vars = entries.get(first + 1..*last)?.iter().filter_map(|entry| {
        let (name, value) = std::str::from_utf8(entry).ok()?.split_once('=')?;
        (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
    });
    Some(vars.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_and_values_with_newlines_do_no_harm() {
        let printed = format!("Welcome!\nA=no\n{MARK}\0A=1\nB=2\0C=a=b\0\0=x\0{MARK}\0bye");
        let vars = between_marks(printed.as_bytes()).unwrap();
        let pairs: Vec<(&str, &str)> = vars.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(pairs, [("A", "1\nB=2"), ("C", "a=b")]);
        assert_eq!(between_marks(b"nothing"), None);
        assert_eq!(between_marks(MARK.as_bytes()), None);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn login_shell_tells_what_its_files_set_and_a_slow_one_is_given_up() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        std::fs::write(
            home.path().join(".profile"),
            "echo hello\nexport MINE='a b'\n",
        )
        .unwrap();
        let mut base = BTreeMap::from([
            ("HOME".to_owned(), home.path().display().to_string()),
            ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
            ("SHELL".to_owned(), "/bin/sh".to_owned()),
        ]);
        let vars = login_environment(&base).await.unwrap();
        assert_eq!(vars.get("MINE").map(String::as_str), Some("a b"));
        let slow = home.path().join("slow");
        std::fs::write(&slow, "#!/bin/sh\nexec tail -f /dev/null\n").unwrap();
        std::fs::set_permissions(&slow, std::fs::Permissions::from_mode(0o755)).unwrap();
        base.insert("SHELL".to_owned(), slow.display().to_string());
        let error = login_environment(&base).await.unwrap_err();
        assert!(error.to_string().contains("no answer within"), "{error}");
        base.insert("SHELL".to_owned(), "/nowhere/sh".to_owned());
        assert!(login_environment(&base).await.is_err());
    }
}
