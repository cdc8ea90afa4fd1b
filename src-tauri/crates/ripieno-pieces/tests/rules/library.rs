//! The lookup: project, user, built-in; what is missing, hidden or unreadable.

use std::fs;
use std::path::Path;

use ripieno_pieces::source::{Listed, Origin};
use ripieno_pieces::{Library, PieceError};

fn piece(name: &str, summary: &str) -> String {
    format!(
        "version: 1\nname: {name}\nsummary: {summary}\nmovements:\n  - {{ name: work, instruction: task, outcomes: [{{ when: done, next: COMPLETE }}] }}\n"
    )
}

fn write(folder: &Path, file: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

struct Home {
    _guard: tempfile::TempDir,
    project: std::path::PathBuf,
    user: std::path::PathBuf,
}

fn home() -> Home {
    let guard = tempfile::tempdir().unwrap();
    let (project, user) = (
        guard.path().join("repo"),
        guard.path().join("config/pieces"),
    );
    Home {
        _guard: guard,
        project,
        user,
    }
}

impl Home {
    fn trusted(&self) -> Library {
        Library::new(Some(&self.project), Some(&self.user))
    }

    fn shown(&self, error: &PieceError) -> String {
        error
            .to_string()
            .replace(self._guard.path().to_str().unwrap(), "HOME")
    }
}

fn summary(library: &Library, name: &str) -> (Origin, String) {
    let (origin, loaded) = library.load(name).unwrap();
    (origin, loaded.piece.summary().to_owned())
}

#[test]
fn project_comes_before_user_and_user_before_built_in() {
    let home = home();
    assert_eq!(summary(&home.trusted(), "solo").0, Origin::BuiltIn);
    write(&home.user, "solo.yaml", piece("solo", "mine"));
    assert_eq!(
        summary(&home.trusted(), "solo"),
        (Origin::User, "mine".into())
    );
    write(
        &home.project,
        ".ripieno/pieces/solo.yml",
        piece("solo", "ours"),
    );
    assert_eq!(
        summary(&home.trusted(), "solo"),
        (Origin::Project, "ours".into())
    );
    let untrusted = Library::new(None, Some(&home.user));
    assert_eq!(summary(&untrusted, "solo"), (Origin::User, "mine".into()));
}

#[test]
fn facets_are_looked_up_in_the_same_order() {
    let home = home();
    let (_, built_in) = home.trusted().load("solo").unwrap();
    write(
        &home.project,
        ".ripieno/pieces/facets/instructions/task.md",
        "Our way.",
    );
    let (_, ours) = home.trusted().load("solo").unwrap();
    assert_eq!(ours.pinned.facets[0].text, "Our way.");
    assert_ne!(ours.digest, built_in.digest);
    let untrusted = Library::new(None, Some(&home.user));
    assert_eq!(untrusted.load("solo").unwrap().1.digest, built_in.digest);
}

#[test]
fn unknown_piece_names_the_folders_and_the_nearest_name() {
    let home = home();
    let error = home.trusted().load("fix-until-gren").unwrap_err();
    insta::assert_snapshot!(home.shown(&error), @r#"there is no piece "fix-until-gren" (searched: HOME/repo/.ripieno/pieces, HOME/config/pieces, built-in); did you mean "fix-until-green"?"#);
    let error = home.trusted().load("../../etc/passwd").unwrap_err();
    insta::assert_snapshot!(home.shown(&error), @r#"there is no piece "../../etc/passwd" (searched: HOME/repo/.ripieno/pieces, HOME/config/pieces, built-in); there are: fix-until-green, script, solo"#);
}

#[test]
fn broken_piece_hides_the_built_in_one_and_says_why() {
    let home = home();
    write(&home.user, "solo.yaml", piece("other", "x"));
    let error = home.trusted().load("solo").unwrap_err();
    insta::assert_snapshot!(home.shown(&error), @r#"HOME/config/pieces/solo.yaml:2:7: the file is called "solo", but the piece names itself "other"; give both the same name"#);
    write(&home.user, "solo.yaml", b"version: 1\nname: \xff\n");
    let error = home.trusted().load("solo").unwrap_err();
    insta::assert_snapshot!(home.shown(&error), @"the piece HOME/config/pieces/solo.yaml cannot be read: it is not UTF-8 (line 2); save it as UTF-8");
    write(&home.user, "solo.yaml", "#".repeat(300 * 1024));
    let error = home.trusted().load("solo").unwrap_err();
    insta::assert_snapshot!(home.shown(&error), @"the piece HOME/config/pieces/solo.yaml cannot be read: it is longer than 262144 bytes");
    fs::remove_file(home.user.join("solo.yaml")).unwrap();
    fs::create_dir(home.user.join("solo.yaml")).unwrap();
    let error = home.trusted().load("solo").unwrap_err();
    insta::assert_snapshot!(home.shown(&error), @"the piece HOME/config/pieces/solo.yaml cannot be read: it is not a regular file");
}

#[test]
fn unusable_facet_is_named_with_its_reason() {
    let home = home();
    write(&home.user, "facets/instructions/task.md", "  \n");
    let error = home.trusted().load("solo").unwrap_err();
    insta::assert_snapshot!(home.shown(&error), @r#"built-in/solo.yaml:8:18: the instruction "task" is an empty file"#);
}

#[test]
fn listing_shows_each_name_once_and_what_is_broken() {
    let home = home();
    write(&home.user, "solo.yaml", piece("solo", "mine"));
    write(&home.user, "bad.yaml", "version: 1\n");
    write(&home.user, "Not A Name.yaml", piece("x", "y"));
    let listed = home.trusted().list();
    let names: Vec<&str> = listed.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!(names, ["bad", "fix-until-green", "script", "solo"]);
    let find = |name: &str| -> &Listed { listed.iter().find(|piece| piece.name == name).unwrap() };
    assert_eq!(
        find("solo").loaded.as_ref().unwrap().piece.summary(),
        "mine"
    );
    let broken = find("bad").loaded.as_ref().unwrap_err().sentences();
    assert!(broken[0].contains("needs a \"name\""), "{broken:?}");
    assert_eq!(find("script").origin, Origin::BuiltIn);
}

#[test]
fn every_built_in_piece_is_sound() {
    for listed in Library::built_in().list() {
        assert!(listed.loaded.is_ok(), "{listed:?}");
    }
}

#[test]
fn file_is_validated_with_the_facets_beside_it() {
    let home = home();
    write(
        &home.project,
        "draft.yaml",
        piece("draft", "x").replace("task", "own"),
    );
    write(&home.project, "facets/instructions/own.md", "Do it.");
    assert!(
        Library::built_in()
            .load_file(&home.project.join("draft.yaml"))
            .is_ok()
    );
    let error = Library::built_in()
        .load_file(&home.project.join("none.yaml"))
        .unwrap_err();
    assert!(
        home.shown(&error)
            .starts_with("the piece HOME/repo/none.yaml cannot be read")
    );
}
