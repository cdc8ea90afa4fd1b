use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::{Config, Settings, create_if_missing, reset, set};

struct Place {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

fn place(text: &str) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, text).unwrap();
    Place {
        _folder: folder,
        file,
    }
}

impl Place {
    fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }

    fn settings(&self) -> Settings {
        Config::load(&self.file, &|_| None, &[]).unwrap().settings
    }
}

#[test]
fn reset_comments_the_line_out_and_keeps_everything_else() {
    for (before, key, after) in [
        ("slots = 8\n", "slots", "# slots = 4\n"),
        ("slots = 8", "slots", "# slots = 4"),
        (
            "# mine\r\nslots = 2 # two is plenty\r\n[retry]\r\ntries = 2\r\n",
            "slots",
            "# mine\r\n# slots = 4 # two is plenty\r\n[retry]\r\ntries = 2\r\n",
        ),
        (
            "[ask]\n  window = \"5m\"\n",
            "ask.window",
            "[ask]\n# window = \"10m\"\n",
        ),
        (
            "ask.window = \"5m\"\nslots = 1\n",
            "ask.window",
            "# ask.window = \"10m\"\nslots = 1\n",
        ),
        (
            "retry = { tries = 5, base = \"2s\" }\n",
            "retry.base",
            "retry = { tries = 5 }\n",
        ),
        (
            "automatic = [\n  \"codex:work\",\n  \"shell\",\n]\nslots = 2\n",
            "automatic",
            "# automatic = [\"claude:default\"]\nslots = 2\n",
        ),
        (
            "[lanes.\"claude:default\"]\nslots = 3\n",
            "lanes.claude:default.slots",
            "[lanes.\"claude:default\"]\n# slots = 3\n",
        ),
        (
            "[notify]\nquiet = \"22:00-07:00\"\n",
            "notify.quiet",
            "[notify]\n# quiet = \"\"\n",
        ),
    ] {
        let place = place(before);
        assert!(reset(&place.file, key).unwrap(), "{before}");
        assert_eq!(place.text(), after, "{before}");
        assert!(!reset(&place.file, key).unwrap(), "{before}");
        assert_eq!(place.text(), after, "{before}");
    }
}

#[test]
fn reset_of_what_is_not_there_changes_nothing() {
    let place = place("slots = 2\n");
    assert!(!reset(&place.file, "ask.window").unwrap());
    assert!(!reset(&place.file, "lanes.shell.slots").unwrap());
    let unknown = reset(&place.file, "slotz").unwrap_err().to_string();
    assert!(unknown.contains("did you mean \"slots\"?"), "{unknown}");
    assert_eq!(place.text(), "slots = 2\n");
    let absent = place.file.with_file_name("absent.toml");
    assert!(!reset(&absent, "slots").unwrap());
    assert!(!absent.exists(), "nothing is made");
}

#[test]
fn reset_after_set_gives_the_commented_file_back() {
    let place = place("");
    fs::remove_file(&place.file).unwrap();
    create_if_missing(&place.file).unwrap();
    let fresh = place.text();
    for row in super::ROWS {
        let value = (row.get)(&Settings::default()).to_string();
        set(&place.file, row.key, &value).unwrap();
        assert_ne!(place.text(), fresh, "{}", row.key);
        assert!(reset(&place.file, row.key).unwrap(), "{}", row.key);
        assert_eq!(place.text(), fresh, "{}", row.key);
    }
}

#[test]
fn shown_setting_says_whether_it_was_changed_and_from_what() {
    let place = place("slots = 8\n[notify]\ndone = false\n[lanes.\"claude:default\"]\nslots = 3\n");
    let config = Config::load(&place.file, &|_| None, &[]).unwrap();
    let changed: Vec<_> = config
        .show()
        .into_iter()
        .filter(super::Shown::changed)
        .map(|shown| {
            (
                shown.section().to_owned(),
                shown.key,
                shown.default.to_string(),
            )
        })
        .collect();
    let expected = [
        ("general", "slots", "4"),
        ("lanes", "lanes.claude:default.slots", "2"),
    ];
    assert_eq!(
        changed,
        expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
    );
}

proptest! {
    #[test]
    fn what_is_reset_is_the_default_and_the_rest_stays(n in 1_u32..=64, dotted: bool, comment in "[ -~]{0,12}") {
        let ask = if dotted { "ask.window = \"1m\"\n" } else { "[ask]\nwindow = \"1m\"\n" };
        let place = place(&format!("slots = {n} #{comment}\n{ask}"));
        reset(&place.file, "slots").unwrap();
        let settings = place.settings();
        prop_assert_eq!(settings.slots, Settings::default().slots);
        prop_assert_eq!(settings.ask_window.as_secs(), 60);
        prop_assert!(place.text().contains(&comment));
    }
}
