use super::*;
use proptest::{prelude::*, sample::subsequence};

/// Names that may never be taken over, whoever names them.
const NEVER: &[&str] = &[
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "NODE_OPTIONS",
    "PYTHONSTARTUP",
    "PYTHONPATH",
    "BASH_ENV",
    "ENV",
    "GIT_SSH_COMMAND",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_KEY_0",
    "PERL5OPT",
    "RUBYOPT",
    "BASH_FUNC_ls%%",
    "RIPIENO_HOME",
    "RIPIENO_LOG",
    "RIPIENO_TASK_TOKEN_OLD",
    "PWD",
];

/// Names of a parent agent, which only the run's own adapter may declare.
const PARENTS: &[&str] = &[
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_SSE_PORT",
    "CLAUDE_CODE_SESSION_ID",
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "CODEX_THREAD_ID",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "OPENCODE",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
];

/// Secrets and leftovers that pass only when somebody names them.
const OTHERS: &[&str] = &[
    "SSH_AUTH_SOCK",
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "NPM_TOKEN",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "DATABASE_URL",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "KUBECONFIG",
    "DOCKER_HOST",
    "EDITOR",
    "PAGER",
    "HISTFILE",
    "LS_COLORS",
    "MAIL",
];

fn task() -> TaskVars {
    TaskVars {
        task: "id".to_owned(),
        attempt: 2,
        slot: 3,
        token: Some("token".to_owned()),
        socket: "/run/s".into(),
        inputs: "/t/inputs".into(),
        outputs: "/t/outputs".into(),
        tmp: "/t/attempts/2/tmp".into(),
    }
}

fn resolve(ambient: &[(&str, &str)], agent: &[&str], named: &[&str]) -> ChildEnv {
    let ambient = ambient
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
    EnvPlan {
        ambient: &ambient,
        agent,
        named: &named,
        given: &BTreeMap::new(),
        task: &task(),
        command_folder: Path::new("/opt/ripieno/bin"),
    }
    .resolve()
}

#[test]
fn a_run_gets_its_task_variables_and_a_terminal_it_cannot_draw_on() {
    let vars = resolve(&[("TMPDIR", "/elsewhere"), ("TERM", "xterm")], &[], &[]).vars;
    let expected = [
        ("PATH", "/opt/ripieno/bin:/usr/local/bin:/usr/bin:/bin"),
        ("RIPIENO_ATTEMPT", "2"),
        ("RIPIENO_INPUTS", "/t/inputs"),
        ("RIPIENO_OUTPUTS", "/t/outputs"),
        ("RIPIENO_SLOT", "3"),
        ("RIPIENO_SOCKET", "/run/s"),
        ("RIPIENO_TASK_ID", "id"),
        ("RIPIENO_TASK_TOKEN", "token"),
        ("TERM", "dumb"),
        ("TMPDIR", "/t/attempts/2/tmp"),
    ];
    let vars: Vec<(&str, &str)> = vars.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(vars, expected);
}

#[test]
fn our_command_is_first_on_the_path_and_relative_entries_are_gone() {
    let path = "/a:.::bin:/opt/ripieno/bin:/b";
    assert_eq!(
        resolve(&[("PATH", path)], &[], &[]).vars["PATH"],
        "/opt/ripieno/bin:/a:/b"
    );
}

#[test]
fn a_command_folder_that_cannot_be_on_a_path_leaves_the_path_as_it_is() {
    let plan = EnvPlan {
        ambient: &BTreeMap::from([("PATH".to_owned(), "/a:/b".to_owned())]),
        agent: &[],
        named: &[],
        given: &BTreeMap::new(),
        task: &task(),
        command_folder: Path::new("/odd:name"),
    };
    assert_eq!(plan.resolve().vars["PATH"], "/a:/b");
}

#[test]
fn toolchains_and_languages_pass_and_secrets_do_not() {
    let ambient = [
        ("CARGO_HOME", "/c"),
        ("LC_ALL", "C"),
        ("GITHUB_TOKEN", "x"),
        ("SHLVL", "1"),
    ];
    let child = resolve(&ambient, &[], &[]);
    assert!(child.vars.contains_key("CARGO_HOME") && child.vars.contains_key("LC_ALL"));
    assert_eq!(child.withheld, ["GITHUB_TOKEN"]);
}

#[test]
fn what_somebody_names_passes_and_what_is_not_set_is_told() {
    let ambient = [("GITHUB_TOKEN", "x"), ("SSH_AUTH_SOCK", "/s")];
    let child = resolve(&ambient, &[], &["GITHUB_TOKEN", "SSH_AUTH_SOCK", "NO_SUCH"]);
    assert_eq!(
        (child.vars["GITHUB_TOKEN"].as_str(), child.withheld.len()),
        ("x", 0)
    );
    assert_eq!(child.vars["SSH_AUTH_SOCK"], "/s");
    assert_eq!(child.unset, ["NO_SUCH"]);
}

#[test]
fn names_that_are_ours_or_load_code_are_refused_with_the_reason() {
    let named = [
        "PATH",
        "RIPIENO_SLOT",
        "LD_PRELOAD",
        "CODEX_HOME",
        "CLAUDECODE",
        "a b",
    ];
    let refused = resolve(&[], &[], &named).refused;
    let expected = [
        ("CLAUDECODE", Refused::Marker),
        ("CODEX_HOME", Refused::ProviderHome),
        ("LD_PRELOAD", Refused::Loader),
        ("PATH", Refused::Ours),
        ("RIPIENO_SLOT", Refused::Ripieno),
        ("a b", Refused::Malformed),
    ];
    assert_eq!(
        refused,
        expected.map(|(name, reason)| (name.to_owned(), reason))
    );
}

#[test]
fn what_an_adapter_declares_passes_also_when_somebody_names_it_too() {
    let ambient = [
        ("CLAUDE_CONFIG_DIR", "/c"),
        ("CLAUDE_CODE_OAUTH_TOKEN", "t"),
    ];
    let agent = ["CLAUDE_CONFIG_DIR", "CLAUDE_CODE_OAUTH_TOKEN", "LD_PRELOAD"];
    let child = resolve(&ambient, &agent, &["CLAUDE_CONFIG_DIR"]);
    assert_eq!(child.vars["CLAUDE_CONFIG_DIR"], "/c");
    assert_eq!(child.vars["CLAUDE_CODE_OAUTH_TOKEN"], "t");
    assert!(child.refused.is_empty());
}

#[test]
fn given_values_win_over_ambient_ones_but_cannot_replace_ours() {
    let ambient = BTreeMap::from([("API_KEY".to_owned(), "old".to_owned())]);
    let given = ["API_KEY", "HOME", "CLAUDE_CONFIG_DIR"].map(|n| (n.to_owned(), "new".to_owned()));
    let plan = EnvPlan {
        ambient: &ambient,
        agent: &["CLAUDE_CONFIG_DIR"],
        named: &[],
        given: &BTreeMap::from(given),
        task: &task(),
        command_folder: Path::new("/bin"),
    };
    let child = plan.resolve();
    assert_eq!(child.vars["API_KEY"], "new");
    let refused: Vec<&str> = child
        .refused
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(refused, ["CLAUDE_CONFIG_DIR", "HOME"]);
}

#[test]
fn values_are_not_shown_when_an_environment_is_formatted() {
    let child = resolve(&[("HOME", "secret-value")], &[], &[]);
    assert!(!format!("{child:?}").contains("secret-value"));
}

#[test]
fn no_list_holds_a_name_that_is_refused() {
    for name in TOOLCHAIN.iter().chain(BASICS) {
        let refused = check_name(name);
        assert!(
            matches!(refused, Ok(()) | Err(Refused::Ours)),
            "{name}: {refused:?}"
        );
    }
}

/// Over 200 names: everything listed, everything forbidden, and names nobody has heard of.
fn every_name() -> Vec<String> {
    let made = (0..60).map(|n| format!("STRANGE_{n}"));
    let lists = [
        NEVER,
        PARENTS,
        OTHERS,
        BASICS,
        TOOLCHAIN,
        &["TERM", "PATH", "TMPDIR", "LC_TIME"],
    ];
    lists
        .concat()
        .into_iter()
        .map(str::to_owned)
        .chain(made)
        .collect()
}

#[test]
fn the_property_is_checked_over_200_names() {
    assert!(every_name().len() >= 200);
}

proptest! {
    #[test]
    fn nothing_leaks_that_is_not_listed_declared_or_named(
        set in subsequence(every_name(), 0..every_name().len()),
        declared in subsequence(every_name(), 0..20),
        named in subsequence(every_name(), 0..20),
    ) {
        let leak = |name: &String| (name.clone(), format!("ambient {name}"));
        let ambient: BTreeMap<String, String> = set.iter().map(leak).collect();
        let agent: Vec<&str> = declared.iter().map(String::as_str).collect();
        let child = EnvPlan {
            ambient: &ambient,
            agent: &agent,
            named: &named,
            given: &BTreeMap::new(),
            task: &task(),
            command_folder: Path::new("/opt/ripieno/bin"),
        }
        .resolve();
        for (name, value) in child.vars.iter().filter(|(_, value)| value.starts_with("ambient ")) {
            let (value_of, plain) = (value.strip_prefix("ambient "), name.as_str());
            prop_assert_eq!(value_of, Some(plain));
            prop_assert!(!NEVER.contains(&plain), "{} leaks", name);
            let is_declared = declared.contains(name);
            prop_assert!(!PARENTS.contains(&plain) || is_declared, "{} leaks", name);
            let listed = BASICS.contains(&plain) || TOOLCHAIN.contains(&plain) || plain.starts_with("LC_");
            prop_assert!(listed || is_declared || named.contains(name), "{} leaks", name);
        }
        for name in &set {
            let told = child.withheld.contains(name) || child.vars.contains_key(name);
            prop_assert!(told || check_name(name).is_err(), "{} is not accounted for", name);
        }
        for name in named {
            let refused = child.refused.iter().any(|(refused, _)| *refused == name);
            prop_assert!(refused || child.unset.contains(&name) || child.vars.contains_key(&name)
                || declared.contains(&name));
        }
    }
}
