use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

struct Place {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

/// A settings file with `text` in it; none at all for `None`.
fn place(text: Option<&str>) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    if let Some(text) = text {
        fs::write(&file, text).unwrap();
    }
    Place {
        _folder: folder,
        file,
    }
}

impl Place {
    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.file, &|_| None, &[])
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }
}

fn load(text: &str) -> Result<Config, ConfigError> {
    place(Some(text)).load()
}

fn lane(name: &str) -> ripieno_core::lane::LaneId {
    name.parse().unwrap()
}

#[test]
fn missing_file_and_empty_file_give_the_defaults() {
    for config in [place(None).load().unwrap(), load("").unwrap()] {
        assert_eq!(config.settings, Settings::default());
        assert!(config.warnings.is_empty());
        assert!(
            config
                .show()
                .iter()
                .all(|shown| shown.origin == Origin::Default)
        );
    }
}

#[test]
fn defaults_are_those_of_the_contract() {
    let settings = Settings::default();
    assert_eq!(settings.slots, 4);
    assert_eq!(settings.ask_window, Duration::from_secs(600));
    assert_eq!(settings.retry_base, Duration::from_millis(1_500));
    assert_eq!(settings.stop_grace, Duration::from_secs(5));
    assert_eq!(settings.quit_grace, Duration::from_secs(30));
    assert_eq!(settings.disk_reserve, 16 * 1024 * 1024);
    assert_eq!(settings.disk_min_free, 256 * 1024 * 1024);
}

#[test]
fn every_default_is_allowed_by_its_own_row() {
    for row in ROWS {
        let value = (row.get)(&Settings::default());
        assert_eq!(
            row.kind.parse(&value.to_string()).unwrap(),
            value,
            "{}",
            row.key
        );
        assert_eq!(
            row.kind.read_toml(&value.to_toml()).unwrap(),
            value,
            "{}",
            row.key
        );
    }
}

#[test]
fn every_row_sets_and_shows_its_own_field() {
    for (n, row) in ROWS.iter().enumerate() {
        let before = (row.get)(&Settings::default());
        let other = match row.kind {
            value::Kind::Count { min, .. } => (min + 1).to_string(),
            value::Kind::Span { .. } => "7s".to_owned(),
            value::Kind::Size { .. } => "7 MiB".to_owned(),
            value::Kind::Word(words) => words.last().copied().unwrap().to_owned(),
            value::Kind::Filter => "trace".to_owned(),
            value::Kind::Bool => (!matches!(before, Value::Bool(true))).to_string(),
            value::Kind::ClockRange => "22:00-07:00".to_owned(),
            value::Kind::Lanes => "codex:work".to_owned(),
            value::Kind::Address => "https://example.org/updates/".to_owned(),
        };
        let mut settings = Settings::default();
        settings
            .put(row.key, row.kind.parse(&other).unwrap())
            .unwrap();
        let changes = diff(&Settings::default(), &settings);
        assert_eq!(changes.len(), 1, "row {n} {}: {changes:?}", row.key);
        assert_eq!(changes[0].key, row.key);
        assert_eq!(settings.value(row.key).unwrap().to_string(), other);
    }
}

#[test]
fn every_word_of_a_setting_is_kept_as_it_is_written() {
    for row in ROWS {
        let value::Kind::Word(words) = row.kind else {
            continue;
        };
        for word in words {
            let mut settings = Settings::default();
            settings
                .put(row.key, row.kind.parse(word).unwrap())
                .unwrap();
            assert_eq!((row.get)(&settings).to_string(), *word, "{}", row.key);
        }
    }
}

#[test]
fn values_of_the_file_are_taken_with_their_lines() {
    let config = load(
        "slots = 8\n\n[ask]\nwindow = \"5m\"\n[lanes.\"claude:default\"]\nslots = 3\n[disk]\nmin_free = 1024\nreserve=\"1 MiB\"\n",
    )
    .unwrap();
    assert_eq!(config.settings.slots, 8);
    assert_eq!(config.settings.ask_window, Duration::from_secs(300));
    assert_eq!(config.settings.disk_min_free, 1024);
    assert_eq!(config.settings.disk_reserve, 1 << 20);
    assert_eq!(config.settings.lane_slots(&lane("claude:default")), Some(3));
    let lines: Vec<_> = config
        .show()
        .into_iter()
        .filter_map(|shown| match shown.origin {
            Origin::File { line, .. } => Some((shown.key, line)),
            _ => None,
        })
        .collect();
    let expected = [
        ("slots", 1),
        ("ask.window", 4),
        ("disk.reserve", 9),
        ("disk.min_free", 8),
        ("lanes.claude:default.slots", 6),
    ];
    assert_eq!(lines, expected.map(|(key, line)| (key.to_owned(), line)));
}

#[test]
fn dotted_and_inline_tables_are_read_too() {
    let config = load("ask.window = \"1m\"\nretry = { tries = 5, base = \"2s\" }\n").unwrap();
    assert_eq!(config.settings.ask_window, Duration::from_secs(60));
    assert_eq!(config.settings.retry_tries, 5);
    assert_eq!(config.settings.retry_base, Duration::from_secs(2));
}

#[test]
fn lanes_without_a_limit_of_their_own_have_that_of_their_kind() {
    let settings = Settings::default();
    assert_eq!(settings.lane_slots(&lane("claude:default")), Some(2));
    assert_eq!(settings.lane_slots(&lane("llm:local")), Some(1));
    assert_eq!(settings.lane_slots(&lane("shell")), None);
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let place = place(Some("slots = 2\nretry.tries = 2\nquit.grace = \"2s\"\n"));
    let variables: HashMap<&str, OsString> = HashMap::from([
        ("RIPIENO_SLOTS", "3".into()),
        ("RIPIENO_RETRY_TRIES", "3".into()),
        ("RIPIENO_LOG", "debug".into()),
        ("RIPIENO_STOP_GRACE", "".into()),
    ]);
    let flags = [("slots".to_owned(), "5".to_owned())];
    let config = Config::load(&place.file, &|name| variables.get(name).cloned(), &flags).unwrap();
    let origin = |key: &str| config.get(key).unwrap().origin.to_string();
    assert_eq!(
        (config.settings.slots, origin("slots").as_str()),
        (5, "command line")
    );
    assert_eq!(config.settings.retry_tries, 3);
    assert_eq!(origin("retry.tries"), "environment RIPIENO_RETRY_TRIES");
    assert_eq!(origin("quit.grace"), format!("{}:3", place.file.display()));
    assert_eq!(
        origin("stop.grace"),
        "default",
        "an empty variable sets nothing"
    );
    assert_eq!(config.settings.log_filter, "debug");
}

#[test]
fn wrong_value_is_named_with_file_line_key_and_what_is_allowed() {
    for (text, parts) in [
        (
            "\nslots = \"4\"",
            vec!["line 2", "slots is \"4\"", "a whole number from 1 to 64"],
        ),
        ("slots = 0", vec!["line 1", "slots is 0", "from 1 to 64"]),
        ("slots = 4.5", vec!["slots is 4.5"]),
        ("slots = 99999999999", vec!["slots is 99999999999"]),
        (
            "[ask]\nwindow = 10",
            vec![
                "line 2",
                "ask.window is 10",
                "a duration in quotes from 0s to 1h",
            ],
        ),
        ("[ask]\nwindow = \"2h\"", vec!["ask.window is \"2h\""]),
        (
            "disk.reserve = \"lots\"",
            vec!["disk.reserve", "a size in quotes"],
        ),
        (
            "approvals = \"yolo\"",
            vec!["approvals", "\"ask_all\", \"ask_risky\", \"trusted\""],
        ),
        ("log.filter = \"loud\"", vec!["log.filter", "a log filter"]),
        ("automatic = [1]", vec!["automatic", "a list of lanes"]),
        (
            "[notify]\ndone = \"true\"",
            vec!["line 2", "notify.done is \"true\"", "true or false"],
        ),
        (
            "notify.quiet = \"22:00\"",
            vec!["notify.quiet is \"22:00\"", "\"22:00-07:00\""],
        ),
        ("ask = 5", vec!["ask is 5", "a section: [ask]"]),
        ("[slots]\n", vec!["slots is a section"]),
        (
            "[lanes.\"claude:default\"]\nslots = 0",
            vec!["line 2", "lanes.claude:default.slots is 0"],
        ),
    ] {
        let error = load(text).unwrap_err().to_string();
        assert!(error.contains("config.toml"), "{error}");
        for part in parts {
            assert!(error.contains(part), "{part:?} missing in: {error}");
        }
    }
}

#[test]
fn wrong_variable_and_flag_are_named() {
    let place = place(None);
    let variable = |name: &str| (name == "RIPIENO_SLOTS").then(|| OsString::from("many"));
    let error = Config::load(&place.file, &variable, &[])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the environment variable RIPIENO_SLOTS: slots is \"many\""),
        "{error}"
    );
    let flags = [("ask.window".to_owned(), "x".to_owned())];
    let error = Config::load(&place.file, &|_| None, &flags)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("the option for ask.window"), "{error}");
}

#[test]
fn broken_toml_is_an_error_with_its_line() {
    let error = load("slots = 4\n[ask\nwindow = 1\n").unwrap_err();
    assert!(
        matches!(&error, ConfigError::Syntax { line: 2, .. }),
        "{error}"
    );
    assert!(!error.to_string().contains('\n'), "{error}");
    let error = load("slots = 1\nslots = 2\n").unwrap_err();
    assert!(
        matches!(&error, ConfigError::Syntax { line: 2, .. }),
        "{error}"
    );
}

#[test]
fn unknown_key_is_a_warning_with_a_suggestion() {
    let config = load("slosts = 9\n[ask]\nwindwo = \"5m\"\n[zebra]\nquagga = 1\n").unwrap();
    assert_eq!(config.settings, Settings::default());
    let texts: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
    assert!(
        texts[0]
            .ends_with("line 1: unknown setting \"slosts\" is ignored; did you mean \"slots\"?"),
        "{texts:?}"
    );
    assert!(
        texts[1].contains("line 3") && texts[1].contains("\"ask.window\""),
        "{texts:?}"
    );
    assert!(
        texts[2].ends_with("\"zebra.quagga\" is ignored"),
        "{texts:?}"
    );
}

#[test]
fn unreadable_file_is_named() {
    let place = place(None);
    fs::create_dir(&place.file).unwrap();
    assert!(matches!(place.load(), Err(ConfigError::Read { .. })));
    let binary = self::place(None);
    fs::write(&binary.file, b"\xff\xfe").unwrap();
    assert!(matches!(binary.load(), Err(ConfigError::Read { .. })));
}

#[test]
fn commented_file_is_the_defaults_and_names_every_setting() {
    let place = place(None);
    assert!(create_if_missing(&place.file).unwrap());
    assert!(!create_if_missing(&place.file).unwrap());
    let config = place.load().unwrap();
    assert_eq!(config.settings, Settings::default());
    assert!(config.warnings.is_empty());
    let uncommented: String = place
        .text()
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| rest.contains(" = ") || rest.starts_with('['))
                .unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let shown = load(&uncommented).unwrap();
    assert!(shown.warnings.is_empty());
    let from_file = shown
        .show()
        .into_iter()
        .filter(|shown| shown.origin != Origin::Default);
    assert_eq!(from_file.count(), ROWS.len() + 1, "{uncommented}");
}

#[test]
fn first_set_makes_the_commented_file_and_uncomments_the_line() {
    let place = place(None);
    set(&place.file, "ask.window", "5m").unwrap();
    set(&place.file, "slots", "6").unwrap();
    set(&place.file, "lanes.claude:default.slots", "1").unwrap();
    let text = place.text();
    assert!(
        text.contains("\nwindow = \"5m\"\n") && !text.contains("# window ="),
        "{text}"
    );
    assert!(text.contains("\nslots = 6\n") && text.contains("# How many tasks run at once."));
    let config = place.load().unwrap();
    assert_eq!(config.settings.ask_window, Duration::from_secs(300));
    assert_eq!(config.settings.slots, 6);
    assert_eq!(config.settings.lane_slots(&lane("claude:default")), Some(1));
    assert_eq!(diff(&Settings::default(), &config.settings).len(), 3);
}

#[test]
fn edit_keeps_comments_order_and_line_endings() {
    let place = place(Some(
        "# mine\r\nslots = 2 # two is plenty\r\n\r\n[retry] # patience\r\ntries = 2\r\n",
    ));
    set(&place.file, "slots", "3").unwrap();
    assert_eq!(
        place.text(),
        "# mine\r\nslots = 3 # two is plenty\r\n\r\n[retry] # patience\r\ntries = 2\r\n"
    );
}

#[test]
fn edit_finds_dotted_inline_and_absent_sections() {
    for (before, after) in [
        ("ask.window = \"1m\"\n", "ask.window = \"2m\"\n"),
        ("ask = { window = \"1m\" }\n", "ask = { window = \"2m\" }\n"),
        ("", "[ask]\nwindow = \"2m\"\n"),
        (
            "[retry]\ntries = 2\n",
            "[retry]\ntries = 2\n\n[ask]\nwindow = \"2m\"\n",
        ),
        ("[ask]\n# window = \"10m\"\n", "[ask]\nwindow = \"2m\"\n"),
        (
            "[retry]\n# window = \"10m\"\n",
            "[retry]\n# window = \"10m\"\n\n[ask]\nwindow = \"2m\"\n",
        ),
    ] {
        let place = place(Some(before));
        set(&place.file, "ask.window", "2m").unwrap();
        assert_eq!(
            place.load().unwrap().settings.ask_window,
            Duration::from_secs(120),
            "{before}"
        );
        assert_eq!(place.text(), after, "{before}");
    }
}

#[test]
fn commented_line_inside_a_text_is_not_taken_for_a_setting() {
    let before = "note = \"\"\"\n# slots = 4\n\"\"\"\n";
    let place = place(Some(before));
    set(&place.file, "slots", "5").unwrap();
    assert!(place.text().contains("# slots = 4"));
    assert_eq!(place.load().unwrap().settings.slots, 5);
}

#[test]
fn refused_edit_leaves_the_file_alone() {
    let place = place(Some("slots = 2\n"));
    let unknown = set(&place.file, "slotz", "3").unwrap_err();
    assert!(
        unknown.to_string().contains("did you mean \"slots\"?"),
        "{unknown}"
    );
    let wrong = set(&place.file, "slots", "0").unwrap_err();
    assert!(
        wrong
            .to_string()
            .contains("allowed is a whole number from 1 to 64"),
        "{wrong}"
    );
    assert!(set(&place.file, "lanes.nonsense.slots", "1").is_err());
    assert_eq!(place.text(), "slots = 2\n");
    let broken = self::place(Some("slots = = 2\n"));
    assert!(matches!(
        set(&broken.file, "slots", "3"),
        Err(ConfigError::Syntax { .. })
    ));
    assert_eq!(broken.text(), "slots = = 2\n");
}

#[test]
fn diff_names_what_changed_and_nothing_else() {
    let old = load("slots = 2\n[lanes.\"claude:default\"]\nslots = 1\n")
        .unwrap()
        .settings;
    let new = load("slots = 3\n[lanes.shell]\nslots = 1\n")
        .unwrap()
        .settings;
    let changes = diff(&old, &new);
    let keys: Vec<_> = changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(
        keys,
        ["lanes.claude:default.slots", "lanes.shell.slots", "slots"]
    );
    assert_eq!(
        (changes[0].from.clone(), changes[0].to.clone()),
        (Some(Value::Count(1)), None)
    );
    assert!(diff(&old, &old).is_empty());
}

#[test]
fn reference_lists_every_setting_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/settings.md");
    let text = fs::read_to_string(&path).unwrap();
    let expected = template::reference_table();
    assert!(
        text.contains(&expected),
        "put this table into docs/settings.md:\n{expected}"
    );
}

proptest! {
    #[test]
    fn any_file_is_answered_without_a_panic(text in "\\PC{0,40}|([a-z.=\"\\[\\]{}#0-9\n ]|slots|ask|window|lanes){0,30}") {
        let _ = read::read(Path::new("config.toml"), &text);
    }

    #[test]
    fn what_is_set_is_read_back(n in 1_u32..=64, minutes in 0_u64..=60, with_file: bool) {
        let place = place(with_file.then_some("# c\n[ask]\n# window = \"10m\"\n"));
        set(&place.file, "slots", &n.to_string()).unwrap();
        set(&place.file, "ask.window", &format!("{minutes}m")).unwrap();
        let settings = place.load().unwrap().settings;
        prop_assert_eq!(settings.slots, n);
        prop_assert_eq!(settings.ask_window, Duration::from_secs(minutes * 60));
    }
}
