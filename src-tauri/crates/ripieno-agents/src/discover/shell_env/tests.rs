use super::*;
use std::{fs, os::unix::fs::PermissionsExt};

/// A home with these files, and the environment a desktop launcher gives with that shell.
struct Person {
    home: tempfile::TempDir,
    base: BTreeMap<String, String>,
}

impl Person {
    fn new(shell: &str, files: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = home.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let base = [
            ("HOME", home.path().to_str().unwrap()),
            ("PATH", "/usr/bin:/bin"),
            ("SHELL", shell),
            ("DISPLAY", ":7"),
            // A shell that started us says so, and dash goes on with it.
            ("_", "/usr/bin/ripieno"),
        ];
        let base = base.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Person {
            home,
            base: BTreeMap::from(base),
        }
    }

    /// With a program of that name as the shell.
    fn with_program(name: &str, text: &str) -> Self {
        let mut person = Person::new("", &[(name, text)]);
        let program = person.home.path().join(name);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let shell = program.display().to_string();
        person.base.insert("SHELL".to_owned(), shell);
        person
    }
}

#[test]
fn greetings_and_values_with_newlines_do_no_harm() {
    let printed =
        format!("Welcome!\nA=no\n{MARK}\0A=1\nB=2\0C=a=b\0\0=x\0SHLVL=1\0_={MARK}\0{MARK}\0bye");
    let vars = between_marks(printed.as_bytes()).unwrap();
    let pairs: Vec<(&str, &str)> = vars.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(pairs, [("A", "1\nB=2"), ("C", "a=b")]);
    assert_eq!(between_marks(b"nothing"), None);
    assert_eq!(between_marks(MARK.as_bytes()), None);
}

#[tokio::test]
async fn every_known_shell_that_is_here_tells_what_its_files_set() {
    let noisy =
        "echo hello; export MINE='a b\nc'; export PATH=/mine:$PATH\nalias env=false printf=false\n";
    let fish = "echo hello; set -gx MINE 'a b\nc'; set -gx PATH /mine $PATH\nalias env=false\n";
    let mut asked = Vec::new();
    for (shell, file, text) in [
        ("/bin/sh", ".profile", noisy),
        ("/bin/bash", ".bash_profile", noisy),
        ("/usr/bin/zsh", ".zshrc", noisy),
        ("/usr/bin/fish", ".config/fish/config.fish", fish),
    ] {
        if !Path::new(shell).exists() {
            continue;
        }
        let person = Person::new(shell, &[(file, text)]);
        let answer = login_environment(&person.base).await;
        assert_eq!(answer.shell, Path::new(shell));
        let vars = answer.vars.unwrap();
        let value = |name: &str| vars.get(name).map(String::as_str);
        assert_eq!(value("MINE"), Some("a b\nc"), "{shell}");
        assert_eq!(value("DISPLAY"), Some(":7"), "{shell}");
        assert!(value("PATH").unwrap().starts_with("/mine:"), "{shell}");
        assert_eq!((value("SHLVL"), value("PWD")), (None, None), "{shell}");
        asked.push(shell);
    }
    assert!(
        asked.contains(&"/bin/sh") && asked.contains(&"/bin/bash"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_start_up_files_leave_in_the_background_is_not_waited_for() {
    let person = Person::new(
        "/bin/sh",
        &[(".profile", "tail -f /dev/null &\nexport MINE=1\n")],
    );
    let vars = login_environment(&person.base).await.vars.unwrap();
    assert_eq!(vars.get("MINE").map(String::as_str), Some("1"));
}

#[tokio::test]
async fn shell_that_takes_too_long_is_ended_with_all_it_started() {
    let text = "#!/bin/sh\necho $$ > \"$HOME/pid\"\ntail -f /dev/null &\necho $! > \"$HOME/child\"\nwait\n";
    let person = Person::with_program("bash", text);
    let error = login_environment(&person.base).await.vars.unwrap_err();
    assert!(error.to_string().contains("no answer within"), "{error}");
    for name in ["pid", "child"] {
        let pid = fs::read_to_string(person.home.path().join(name)).unwrap();
        gone(pid.trim()).await;
    }
}

/// Waits until a process is gone, or is a body nobody has fetched yet.
async fn gone(pid: &str) {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if status.is_empty() || status.contains(") Z") {
            return;
        }
        assert!(Instant::now() < until, "{pid} is still there: {status}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn noise_of_any_length_before_the_answer_does_no_harm() {
    let noise = "i=0; while [ $i -lt 3000 ]; do echo \"$i: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"; i=$((i+1)); done\nexport MINE=1\n";
    let person = Person::new("/bin/sh", &[(".profile", noise)]);
    let vars = login_environment(&person.base).await.vars.unwrap();
    assert_eq!(vars.get("MINE").map(String::as_str), Some("1"));
}

#[tokio::test]
async fn strange_shell_is_not_run() {
    let person = Person::with_program("nushell", "#!/bin/sh\ntouch \"$HOME/ran\"\n");
    let answer = login_environment(&person.base).await;
    let error = answer.vars.unwrap_err();
    assert!(matches!(error, LoginEnvError::Unknown { .. }), "{error}");
    assert!(!person.home.path().join("ran").exists());
}

#[tokio::test]
async fn shell_that_prints_no_environment_or_is_not_there_says_so() {
    let mute = Person::with_program("zsh", "#!/bin/sh\nexit 0\n");
    let error = login_environment(&mute.base).await.vars.unwrap_err();
    assert!(matches!(error, LoginEnvError::Unreadable { .. }), "{error}");
    let gone = Person::new("/nowhere/bash", &[]);
    let error = login_environment(&gone.base).await.vars.unwrap_err();
    assert!(error.to_string().contains("/nowhere/bash"), "{error}");
}

#[test]
fn folders_of_package_managers_that_are_there_come_last_on_the_search_path() {
    let person = Person::new(
        "/bin/sh",
        &[
            (".nvm/versions/node/v20.1.0/bin/node", ""),
            (".cargo/bin/tool", ""),
        ],
    );
    let mut vars = person.base.clone();
    let cargo = person.home.path().join(".cargo/bin");
    vars.insert("PATH".to_owned(), format!("{}:/usr/bin", cargo.display()));
    with_well_known_folders(&mut vars);
    let path: Vec<PathBuf> = std::env::split_paths(&vars["PATH"]).collect();
    assert_eq!(path[..2], [cargo.clone(), PathBuf::from("/usr/bin")]);
    let node = person.home.path().join(".nvm/versions/node/v20.1.0/bin");
    assert!(path[2..].contains(&node), "{path:?}");
    assert_eq!(path.iter().filter(|folder| **folder == cargo).count(), 1);
    assert!(path.iter().all(|folder| folder.is_dir()), "{path:?}");
}
