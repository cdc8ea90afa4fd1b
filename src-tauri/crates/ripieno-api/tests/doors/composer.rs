//! What a new task is put together from, and the settings of a form.

use crate::rig::Rig;
use ripieno_api::error::Code;
use serde_json::{Value, json};

async fn ask(rig: &Rig, method: &str, params: Value) -> Value {
    rig.client().await.request(method, params).await.unwrap()
}

fn named<'v>(list: &'v Value, key: &str, name: &str) -> &'v Value {
    let all = list.as_array().unwrap();
    all.iter().find(|one| one[key] == name).unwrap()
}

#[tokio::test]
async fn every_setting_says_what_a_form_needs_to_know() {
    let rig = Rig::start().await;
    ask(&rig, "config.set", json!({ "key": "slots", "value": "8" })).await;
    let shown = ask(&rig, "config.show", json!({})).await;
    let settings = &shown["settings"];
    let slots = named(settings, "key", "slots");
    assert_eq!(slots["value"], "8");
    assert_eq!(slots["default"], "4");
    assert_eq!(
        slots["kind"],
        json!({ "type": "count", "min": 1, "max": 64 })
    );
    assert_eq!(slots["section"], "general");
    assert_eq!(slots["changed"], true);
    let kinds = [
        (
            "ask.window",
            json!({ "type": "span", "min": "0s", "max": "1h" }),
        ),
        ("disk.reserve", json!({ "type": "size", "max": "1 TiB" })),
        (
            "desktop.keep_awake",
            json!({ "type": "word", "words": ["off", "ac", "always"] }),
        ),
        ("notify.done", json!({ "type": "bool" })),
        ("notify.quiet", json!({ "type": "clock_range" })),
        ("automatic", json!({ "type": "lanes" })),
        ("log.filter", json!({ "type": "filter" })),
    ];
    for (key, kind) in kinds {
        let setting = named(settings, "key", key);
        assert_eq!(setting["kind"], kind, "{key}");
        assert_eq!(setting["changed"], false, "{key}");
        assert!(setting["about"].as_str().unwrap().len() > 20, "{key}");
    }
    rig.stop().await;
}

#[tokio::test]
async fn reset_puts_the_default_in_force_and_says_what_changed() {
    let rig = Rig::start().await;
    ask(&rig, "config.set", json!({ "key": "slots", "value": "8" })).await;
    let reset = ask(&rig, "config.reset", json!({ "key": "slots" })).await;
    assert_eq!(reset["changed"], json!(["slots"]));
    assert_eq!(reset["setting"]["value"], "4");
    assert_eq!(reset["setting"]["origin"], "default");
    let status = ask(&rig, "status", json!({})).await;
    assert_eq!(status["slots"]["total"], 4);
    let again = ask(&rig, "config.reset", json!({ "key": "slots" })).await;
    assert_eq!(again["changed"], json!([]));
    let unknown = rig
        .client()
        .await
        .request("config.reset", json!({ "key": "slotz" }))
        .await
        .unwrap_err();
    assert_eq!(unknown.code, Code::Invalid);
    rig.stop().await;
}

#[tokio::test]
async fn pieces_of_a_folder_come_before_the_built_in_ones_and_broken_ones_say_why() {
    let rig = Rig::start().await;
    let project = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
    let pieces = project.path().join(".ripieno/pieces");
    std::fs::create_dir_all(&pieces).unwrap();
    std::fs::write(pieces.join("broken.yaml"), "piece: broken\n").unwrap();
    let mine = "version: 1\nname: mine\nsummary: My own\nagent: claude\nmovements:\n  - { name: work, instruction: task, outcomes: [{ when: done, next: COMPLETE }] }\n";
    std::fs::write(pieces.join("mine.yaml"), mine).unwrap();
    let plain = ask(&rig, "piece.list", json!({})).await;
    let script = named(&plain["pieces"], "name", "script");
    assert_eq!(script["origin"], "built_in");
    assert_eq!(script["needs_agent"], false);
    assert_eq!(script["problems"], json!([]));
    let dir = project.path().to_str().unwrap();
    let listed = ask(&rig, "piece.list", json!({ "dir": dir })).await;
    let mine_listed = named(&listed["pieces"], "name", "mine");
    assert_eq!(mine_listed["origin"], "project");
    assert_eq!(mine_listed["agent"], "claude");
    assert_eq!(mine_listed["movements"], json!(["work"]));
    let broken = named(&listed["pieces"], "name", "broken");
    assert!(!broken["problems"].as_array().unwrap().is_empty());
    let shown = ask(&rig, "piece.show", json!({ "name": "mine", "dir": dir })).await;
    assert_eq!(shown["text"], mine);
    assert_eq!(shown["path"], pieces.join("mine.yaml").to_str().unwrap());
    rig.stop().await;
}

#[tokio::test]
async fn pieces_of_a_refused_folder_are_not_looked_for() {
    let rig = Rig::start().await;
    for (method, params, code) in [
        ("piece.list", json!({ "dir": "/" }), Code::Invalid),
        ("piece.list", json!({ "dir": "relative" }), Code::Invalid),
        ("piece.show", json!({ "name": "scrpt" }), Code::Invalid),
        ("piece.show", json!({}), Code::Usage),
    ] {
        let refused = rig
            .client()
            .await
            .request(method, params.clone())
            .await
            .unwrap_err();
        assert_eq!(refused.code, code, "{method} {params}");
    }
    rig.stop().await;
}

fn project() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("folder")
        .tempdir_in("/tmp")
        .unwrap()
}

fn git(folder: &std::path::Path, args: &[&str]) {
    let done = std::process::Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {done:?}");
}

#[tokio::test]
async fn folder_is_shown_with_its_links_resolved_its_branch_and_its_changes() {
    let rig = Rig::start().await;
    let folder = project();
    git(folder.path(), &["init", "-q", "-b", "trunk"]);
    std::fs::write(folder.path().join("file"), "one\n").unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    let elsewhere = project();
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    let real = folder.path().to_str().unwrap();
    let params = json!({ "path": link.to_str().unwrap() });
    let clean = ask(&rig, "folder.check", params.clone()).await;
    let expected = json!({
        "path": real, "exists": true, "repository": true, "branch": "trunk", "dirty": false, "refused": null, "refused_because": null,
        "holder": null, "holder_text": null,
    });
    assert_eq!(clean, expected);
    std::fs::write(folder.path().join("file"), "two, longer\n").unwrap();
    assert_eq!(ask(&rig, "folder.check", params).await["dirty"], true);
    rig.stop().await;
}

#[tokio::test]
async fn folder_no_task_may_work_in_says_why_and_one_that_is_missing_too() {
    let rig = Rig::start().await;
    let folder = project();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/usr", &link).unwrap();
    let table = [
        ("/".to_owned(), true, "root of the file system", "root"),
        ("/tmp".to_owned(), true, "shared by all programs", "temp"),
        (
            link.display().to_string(),
            true,
            "operating system",
            "system",
        ),
        (
            file.display().to_string(),
            true,
            "not a folder",
            "not_a_folder",
        ),
        (
            format!("{}/gone", folder.path().display()),
            false,
            "create it first",
            "missing",
        ),
        (
            rig.home().display().to_string(),
            true,
            "its own data",
            "own_data",
        ),
    ];
    for (path, exists, why, because) in table {
        let shown = ask(&rig, "folder.check", json!({ "path": path })).await;
        assert_eq!(shown["exists"], exists, "{path}");
        let refused = shown["refused"].as_str().unwrap();
        assert!(refused.contains(why), "{path}: {refused}");
        assert_eq!(shown["refused_because"], because, "{path}");
    }
    let relative = json!({ "path": "relative" });
    let refused = rig.client().await.request("folder.check", relative).await;
    assert_eq!(refused.unwrap_err().code, Code::Invalid);
    rig.stop().await;
}

#[tokio::test]
async fn folder_below_the_persons_home_is_named_by_a_tilde_wherever_a_folder_is_named() {
    let rig = Rig::start().await;
    let shop = rig.person().join("shop");
    std::fs::create_dir(&shop).unwrap();
    let real = json!(std::fs::canonicalize(&shop).unwrap().to_str().unwrap());
    let checked = ask(&rig, "folder.check", json!({ "path": "~/shop" })).await;
    assert_eq!(
        (&checked["path"], &checked["refused"]),
        (&real, &Value::Null)
    );
    let params = json!({
        "prompt": "true", "piece": "script", "not_before": "2099-01-01T00:00:00Z", "dir": "~/shop",
    });
    assert_eq!(ask(&rig, "task.add", params).await["dir"], real);
    ask(&rig, "piece.list", json!({ "dir": "~/shop" })).await;
    let trusted = ask(&rig, "project.trust", json!({ "dir": "~/shop" })).await;
    assert_eq!(trusted["path"], real);
    for dir in ["shop", "./shop", "~shop", "~other/shop"] {
        let add = json!({ "prompt": "true", "piece": "script", "dir": dir });
        let refused = rig.client().await.request("task.add", add).await;
        assert_eq!(refused.unwrap_err().code, Code::Invalid, "{dir}");
    }
    rig.stop().await;
}

#[tokio::test]
async fn refused_agent_is_named_beside_the_sentence() {
    let rig = Rig::start().await;
    let add = json!({ "prompt": "x", "agent": "nobody" });
    let refused = rig.client().await.request("task.add", add).await;
    let detail = refused.unwrap_err().detail.unwrap();
    assert_eq!(
        (&detail["reason"], &detail["agent"]),
        (&json!("agent_unknown"), &json!("nobody"))
    );
    rig.stop().await;
}

#[tokio::test]
async fn name_of_a_folder_goes_on_quickly_among_a_hundred_thousand_others() {
    let rig = Rig::start().await;
    let folder = project();
    for n in 0..100_000 {
        std::fs::File::create(folder.path().join(format!("f{n}"))).unwrap();
    }
    for name in ["alpha", "Alps", "beta"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let prefix = format!("{}/al", folder.path().display());
    let found = ask(&rig, "folder.complete", json!({ "prefix": prefix })).await;
    let expected = ["alpha", "Alps"].map(|name| folder.path().join(name).display().to_string());
    assert_eq!(found["folders"], json!(expected));
    let relative = ask(&rig, "folder.complete", json!({ "prefix": "al" })).await;
    assert_eq!(relative["folders"], json!([]));
    // The folder itself is looked at, not through.
    let path = folder.path().to_str().unwrap();
    let shown = ask(&rig, "folder.check", json!({ "path": path })).await;
    assert_eq!(
        (&shown["refused"], &shown["repository"]),
        (&Value::Null, &json!(false))
    );
    rig.stop().await;
}

#[tokio::test]
async fn folders_used_before_are_shown_once_the_newest_first_while_they_are_there() {
    let rig = Rig::start().await;
    let (old, new, gone) = (project(), project(), project());
    git(new.path(), &["init", "-q"]);
    for folder in [&new, &old, &gone, &new] {
        let params = json!({
            "prompt": "true", "piece": "script", "not_before": "2099-01-01T00:00:00Z",
            "dir": folder.path().to_str().unwrap(),
        });
        ask(&rig, "task.add", params).await;
    }
    rig.add("without a folder").await;
    drop(gone);
    let shown = ask(&rig, "folder.recent", json!({})).await;
    let folders = shown["folders"].as_array().unwrap();
    let paths: Vec<&str> = folders
        .iter()
        .map(|f| f["path"].as_str().unwrap())
        .collect();
    let expected = [&new, &old].map(|folder| folder.path().to_str().unwrap());
    assert_eq!(paths, expected);
    assert_eq!(folders[0]["repository"], true);
    assert_eq!(folders[1]["repository"], false);
    assert!(folders[0]["last_used"].as_str().unwrap().ends_with('Z'));
    rig.stop().await;
}

#[tokio::test]
async fn staged_file_becomes_an_input_of_a_task() {
    let rig = Rig::start().await;
    let staged = ask(
        &rig,
        "input.stage",
        json!({ "name": "../no\u{202e}tes.txt", "data": "aGVsbG8=" }),
    )
    .await;
    let path = staged["path"].as_str().unwrap();
    assert!(
        path.starts_with(rig.home().join("cache/staged").to_str().unwrap()),
        "{path}"
    );
    assert!(path.ends_with("/notes.txt"), "{path}");
    let params = json!({
        "prompt": "true", "piece": "script", "not_before": "2099-01-01T00:00:00Z", "inputs": [path],
    });
    let task = ask(&rig, "task.add", params).await;
    let inputs = rig
        .home()
        .join("data/tasks")
        .join(task["id"].as_str().unwrap())
        .join("inputs");
    assert_eq!(std::fs::read(inputs.join("notes.txt")).unwrap(), b"hello");
    rig.stop().await;
}

#[tokio::test]
async fn what_cannot_be_staged_is_refused_and_leaves_nothing() {
    let rig = Rig::start().await;
    let most = "AAAA".repeat((4 << 20) / 3);
    ask(&rig, "input.stage", json!({ "name": "most", "data": most })).await;
    let more = "AAAA".repeat((4 << 20) / 3 + 1);
    for data in [more.as_str(), "not base64!"] {
        let params = json!({ "name": "a", "data": data });
        let refused = rig.client().await.request("input.stage", params).await;
        assert_eq!(refused.unwrap_err().code, Code::Invalid);
    }
    let staged = std::fs::read_dir(rig.home().join("cache/staged")).unwrap();
    assert_eq!(staged.count(), 1);
    rig.stop().await;
}

#[tokio::test]
async fn usual_places_of_model_servers_are_shown_whether_one_is_there_or_not() {
    let rig = Rig::start().await;
    let shown = ask(&rig, "llm.discover", json!({})).await;
    let servers = shown["servers"].as_array().unwrap();
    let urls: Vec<&str> = servers.iter().map(|s| s["url"].as_str().unwrap()).collect();
    let expected = [11434, 1234, 8080, 8000].map(|port| format!("http://127.0.0.1:{port}"));
    assert_eq!(urls, expected);
    for server in servers {
        assert!(
            server["reachable"] == true || server["reason"].is_string(),
            "{server}"
        );
    }
    rig.stop().await;
}
