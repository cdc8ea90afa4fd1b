use super::*;

/// A home with an executable script of that name below it.
fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = home.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    home
}

fn env(home: &Path, path: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("HOME".to_owned(), home.display().to_string()),
        ("PATH".to_owned(), path.to_owned()),
    ])
}

fn only(found: Vec<Discovered>, kind: &str) -> Discovered {
    found.into_iter().find(|one| one.kind == kind).unwrap()
}

const NEW: &str = "#!/bin/sh\necho '2.1.329 (Claude Code)'\n";

#[test]
fn versions_are_found_in_what_programs_say() {
    for (text, want) in [
        ("2.1.329 (Claude Code)", Some("2.1.329")),
        ("git version 2.39.5", Some("2.39.5")),
        ("codex-cli 0.169.0\n", Some("0.169.0")),
        ("v1.2.3-beta.1", Some("1.2.3-beta.1")),
        ("no version here.", None),
        ("", None),
    ] {
        assert_eq!(version_in(text).as_deref(), want, "{text}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn agent_is_found_in_a_well_known_folder_with_version_and_login() {
    let home = home(&[
        (".claude/local/claude", NEW),
        (".claude/.credentials.json", "{}"),
    ]);
    let found = only(discover(&env(home.path(), ""), &[]).await, "claude");
    assert_eq!(found.path, Some(home.path().join(".claude/local/claude")));
    assert_eq!(
        (found.version.as_deref(), found.usable),
        (Some("2.1.329"), true)
    );
    assert_eq!((found.signed_in, found.reason), (Some(true), None));
}

#[cfg(unix)]
#[tokio::test]
async fn path_wins_over_well_known_folders_and_a_broken_override_says_so() {
    let home = home(&[
        (".local/bin/claude", NEW),
        ("chosen/claude", NEW),
        ("onpath/claude", NEW),
    ]);
    let env = env(
        home.path(),
        &home.path().join("onpath").display().to_string(),
    );
    let discovery = Discovery::default();
    let chosen = |path: &str| BTreeMap::from([("claude".to_owned(), home.path().join(path))]);
    let found = only(
        discovery.agents(&env, &chosen("chosen/claude")).await,
        "claude",
    );
    assert_eq!(found.path, Some(home.path().join("chosen/claude")));
    let found = only(discovery.agents(&env, &chosen("gone")).await, "claude");
    assert_eq!(found.path, Some(home.path().join("onpath/claude")));
    assert!(found.usable && found.reason.unwrap().contains("gone, is no program"));
}

#[cfg(unix)]
#[tokio::test]
async fn what_cannot_be_used_says_why() {
    let home = home(&[
        ("a/claude", "#!/bin/sh\necho 1.0.5\n"),
        ("a/codex", "#!/bin/sh\necho codex-cli 0.12.0\n"),
        ("a/gemini", "#!/bin/sh\necho broken >&2; exit 1\n"),
    ]);
    let path = home.path().join("a").display().to_string();
    let found = discover(&env(home.path(), &path), &[]).await;
    let reason = |kind: &str| {
        let one = only(found.clone(), kind);
        assert!(!one.usable, "{kind}");
        one.reason.unwrap()
    };
    assert_eq!(
        reason("claude"),
        "version 1.0.5 is too old: install 2.1.197 or newer"
    );
    assert_eq!(
        reason("codex"),
        "version 0.12.0 is too old: install 0.169.0 or newer"
    );
    assert!(reason("gemini").contains("does not tell its version"));
    assert_eq!(
        reason("opencode"),
        "opencode is not installed, or not on PATH"
    );
    let adapter = only(found.clone(), "claude-acp");
    assert_eq!(adapter.program, "claude-agent-acp");
    assert_eq!(
        adapter.reason.as_deref(),
        Some("claude-agent-acp is not installed, or not on PATH")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn version_is_asked_once_per_file_and_date() {
    let home = home(&[]);
    let count = home.path().join("count");
    let script = format!("#!/bin/sh\necho x >> {}\necho 2.1.200\n", count.display());
    let program = home.path().join("claude");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(
        &program,
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let env = env(home.path(), &home.path().display().to_string());
    let discovery = Discovery::default();
    for _ in 0..3 {
        discovery.agents(&env, &BTreeMap::new()).await;
    }
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 1);
    let file = std::fs::File::options()
        .append(true)
        .open(&program)
        .unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1))
        .unwrap();
    drop(file);
    discovery.agents(&env, &BTreeMap::new()).await;
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn git_and_shell_are_tools() {
    let home = home(&[]);
    let tools = Discovery::default()
        .tools(&env(home.path(), "/usr/bin:/bin"))
        .await;
    let shell = only(tools.clone(), "sh");
    assert!(shell.usable && shell.version.is_none());
    assert_eq!(tools.len(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn agent_of_ones_own_is_found_by_path_or_name_and_says_why_not() {
    let home = home(&[
        ("mine/agent", "#!/bin/sh\necho 'agent 3.2.1'\n"),
        (".local/bin/quiet", "#!/bin/sh\nexit 0\n"),
    ]);
    let own = |kind: &str, command: &str| Own {
        kind: kind.to_owned(),
        name: kind.to_owned(),
        command: command.to_owned(),
        protocol: "acp".to_owned(),
    };
    let path = home.path().join("mine/agent").display().to_string();
    let wanted = [
        own("mine", &path),
        own("quiet", "quiet"),
        own("gone", "/no/such"),
    ];
    let found = discover(&env(home.path(), ""), &wanted).await;
    let mine = only(found.clone(), "mine");
    assert_eq!(
        (mine.version.as_deref(), mine.usable),
        (Some("3.2.1"), true)
    );
    let quiet = only(found.clone(), "quiet");
    assert_eq!((quiet.version, quiet.usable), (None, true));
    assert!(quiet.reason.unwrap().contains("version"));
    let gone = only(found, "gone");
    assert!(!gone.usable);
    assert!(gone.reason.unwrap().contains("/no/such is no program"));
}

#[cfg(unix)]
#[tokio::test]
async fn program_in_the_place_of_another_is_seen_whatever_its_date() {
    let home = home(&[("bin/goose", "#!/bin/sh\necho 1.0.0\n")]);
    let env = env(home.path(), &home.path().join("bin").display().to_string());
    let discovery = Discovery::default();
    let before = Trace::before(&env);
    let found = discovery.everything(&env, &[]).await;
    let trace = before.with(&found);
    assert_eq!(only(found, "goose").version.as_deref(), Some("1.0.0"));
    assert_eq!(trace.change(&env), Change::Nothing);
    // As a package manager does it: another file by the same name, with the date and the size of the first.
    let file = home.path().join("bin/goose");
    let date = std::fs::metadata(&file)
        .and_then(|meta| meta.modified())
        .unwrap();
    let new = home.path().join("new");
    std::fs::copy(&file, &new).unwrap();
    std::fs::write(&new, "#!/bin/sh\necho 2.0.0\n").unwrap();
    std::fs::File::options()
        .write(true)
        .open(&new)
        .unwrap()
        .set_modified(date)
        .unwrap();
    std::fs::rename(&new, &file).unwrap();
    assert_eq!(trace.change(&env), Change::Programs);
    let found = discovery.everything(&env, &[]).await;
    assert_eq!(only(found, "goose").version.as_deref(), Some("2.0.0"));
}

#[cfg(unix)]
#[tokio::test]
async fn program_written_over_in_its_own_file_is_seen() {
    let home = home(&[("bin/goose", "#!/bin/sh\necho 1.0.0\n")]);
    let env = env(home.path(), &home.path().join("bin").display().to_string());
    let discovery = Discovery::default();
    let found = discovery.everything(&env, &[]).await;
    let trace = Trace::before(&env).with(&found);
    std::fs::write(
        home.path().join("bin/goose"),
        "#!/bin/sh\necho 2.0.0 # longer\n",
    )
    .unwrap();
    assert_eq!(trace.change(&env), Change::Programs);
    let found = discovery.everything(&env, &[]).await;
    assert_eq!(only(found, "goose").version.as_deref(), Some("2.0.0"));
}

#[test]
fn folder_that_appears_and_a_start_up_file_that_changes_are_seen() {
    let home = home(&[(".profile", "export A=1\n")]);
    let env = env(home.path(), "");
    let trace = Trace::before(&env);
    assert_eq!(trace.change(&env), Change::Nothing);
    std::fs::create_dir_all(home.path().join(".local/bin")).unwrap();
    assert_eq!(trace.change(&env), Change::Programs);
    std::fs::write(
        home.path().join(".profile"),
        "export PATH=/elsewhere:$PATH\n",
    )
    .unwrap();
    assert_eq!(trace.change(&env), Change::Shell);
}
