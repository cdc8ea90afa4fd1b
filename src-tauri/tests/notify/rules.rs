//! The promises of notifications, one by one.

use crate::app::{ASKING, Home, display, wait};
use crate::bus::Bus;
use crate::server::{ALL, Server};

#[tokio::test(flavor = "multi_thread")]
async fn ask_of_a_script_is_a_banner_with_its_options_and_a_press_answers_it_without_a_window() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let app = home.start();
    let task = home.script("Fix login", ASKING);
    let banner = server.banner("Fix login").await;
    assert_eq!(banner.title, "“Fix login” asks: “Which database?”");
    assert_eq!(banner.body, "“Postgres” · “SQLite”");
    assert_eq!(banner.labels(), ["Postgres", "SQLite", "Open"]);
    assert_eq!(banner.actions[0], ("default".into(), "Open".into()));
    assert_eq!((banner.urgency, banner.replaces), (1, 0));
    assert_eq!(
        (banner.entry.as_str(), banner.category.as_str()),
        ("Ripieno", "x-ripieno.ask")
    );

    server.press(banner.id, &banner.key("SQLite")).await;
    home.state(&task, "done");
    assert_eq!(home.output(&task, "choice").trim(), "lite");
    let answered = &home.run(&["ask", "list", "--all", "--json"])["asks"][0]["answered"];
    assert_eq!(
        (&answered["by"], &answered["value"]),
        (&"notification".into(), &"lite".into())
    );
    assert_eq!(server.record().shown.len(), 1, "{:?}", server.record());
    let family = app.family();
    assert!(
        !family.iter().any(|name| name.starts_with("WebKit")),
        "{family:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_is_told_once_also_after_a_restart() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let app = home.start();
    let task = home.script("Bump <deps>", "echo 'no such package' >&2; exit 1");
    home.state(&task, "failed");
    let banner = server.banner("failed").await;
    assert_eq!(banner.title, "“Bump <deps>” failed");
    assert_eq!(banner.labels(), ["Try again", "Open"]);
    assert_eq!(app.end().code(), Some(0));
    server.gone(banner.id).await;

    let again = home.start();
    // What comes after it on the same way shows that there was time to repeat it.
    let second = home.script("Second", "exit 1");
    home.state(&second, "failed");
    server.banner("“Second” failed").await;
    let first = server
        .record()
        .shown
        .iter()
        .filter(|it| it.title.contains("deps"))
        .count();
    assert_eq!(first, 1, "{:#?}", server.record());
    assert!(again.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_by_the_command_takes_the_banner_back_and_a_late_press_is_told() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let _app = home.start();
    let task = home.script("Fix login", ASKING);
    let banner = server.banner("Fix login").await;
    home.run(&["ask", "answer", "A-1", "pg"]);
    server.gone(banner.id).await;
    assert_eq!(server.record().closed, [banner.id]);
    home.state(&task, "done");

    // The press was on its way when the banner was taken back.
    server.say_pressed(banner.id, &banner.key("SQLite")).await;
    let told = server.banner("Already answered by the command").await;
    assert_eq!(told.body, "“Which database?”");
    assert_eq!(home.output(&task, "choice").trim(), "pg");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_task_is_tried_again_by_its_button() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let _app = home.start();
    let flag = home.path().join("mended");
    let script = format!("test -e {}", flag.display());
    let task = home.script("Build", &script);
    let banner = server.banner("“Build” failed").await;
    std::fs::write(&flag, "").unwrap();
    server.press(banner.id, &banner.key("Try again")).await;
    home.state(&task, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_that_was_seen_is_taken_back() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let _app = home.start();
    let task = home.script("Build", "exit 1");
    let banner = server.banner("“Build” failed").await;
    home.run(&["task", "seen", &task]);
    server.gone(banner.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn server_without_buttons_gets_none_and_markup_is_escaped_only_where_it_is_read() {
    if !display() {
        return;
    }
    let script =
        "ripieno ask create --text 'Which <b>database & why?' --option 'a=A & <i>B' --text-ok";
    for (capabilities, body) in [
        (&["body"][..], "“A & <i>B”"),
        (&["body", "body-markup"][..], "“A &amp; &lt;i&gt;B”"),
        (&[][..], ""),
    ] {
        let bus = Bus::start().await;
        let server = Server::start(bus.address(), capabilities).await;
        let home = Home::new(&bus);
        let _app = home.start();
        home.script("Fix", script);
        let banner = server.banner("Fix").await;
        assert_eq!(banner.title, "“Fix” asks: “Which <b>database & why?”");
        assert_eq!((banner.body.as_str(), banner.actions.len()), (body, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_it_goes_on_and_tells_when_there_is_one() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let home = Home::new(&bus);
    let mut app = home.start();
    let task = home.script("Fix login", ASKING);
    home.state(&task, "needs_input");
    assert_eq!(home.asks().len(), 1);
    assert!(app.is_alive());
    let server = Server::start(bus.address(), &ALL).await;
    let banner = server.banner("Fix login").await;
    server.press(banner.id, &banner.key("Postgres")).await;
    home.state(&task, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bus_it_goes_on() {
    if !display() {
        return;
    }
    let home = {
        let bus = Bus::start().await;
        Home::new(&bus)
    };
    let mut app = home.start();
    let task = home.script("Fix login", ASKING);
    home.state(&task, "needs_input");
    home.run(&["ask", "answer", "A-1", "pg"]);
    home.state(&task, "done");
    assert!(app.is_alive());
    assert_eq!(app.end().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn signal_as_soon_as_the_worker_answers_ends_it_in_order() {
    if !display() {
        return;
    }
    let home = {
        let bus = Bus::start().await;
        Home::new(&bus)
    };
    assert_eq!(home.start().end().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_one_banner_and_go_with_the_last() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    home.configure("slots = 8\n");
    let _daemon = home.start_daemon();
    for n in 1..=5 {
        let task = home.script(&format!("Task {n}"), ASKING);
        home.state(&task, "needs_input");
    }
    let _tray = home.start();
    let banner = server.banner("5 tasks need you").await;
    assert_eq!(banner.body, "5 questions waiting");
    assert_eq!(banner.labels(), ["Open"]);
    for n in 1..=4 {
        home.run(&["ask", "answer", &format!("A-{n}"), "pg"]);
    }
    server.banner("1 task needs you").await;
    home.run(&["ask", "answer", "A-5", "pg"]);
    server.gone(banner.id).await;
    let shown = server.record().shown;
    assert!(shown.iter().all(|it| it.id == banner.id), "{shown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn end_of_the_program_takes_every_banner_back() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let app = home.start();
    home.script("Fix login", ASKING);
    let banner = server.banner("Fix login").await;
    assert_eq!(app.end().code(), Some(0));
    server.gone(banner.id).await;
    let app = home.start();
    wait("the ask", || (home.asks().len() == 1).then_some(()));
    // It was told before; what is told after it shows that there was time.
    let second = home.script("Second", "exit 1");
    home.state(&second, "failed");
    server.banner("“Second” failed").await;
    assert_eq!(server.record().shown.len(), 2, "{:#?}", server.record());
    assert_eq!(app.end().code(), Some(0));
}

/// What a failure is called in private mode, in Japanese.
const FAILED_JA: &str = "タスクが失敗しました";
const SEVERAL_JA: &str = "件のタスクで対応が必要です";

#[tokio::test(flavor = "multi_thread")]
async fn private_mode_and_language_are_taken_while_it_runs() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let _app = home.start();
    home.script("Fix login", ASKING);
    let named = server.banner("Fix login").await;
    home.run(&["config", "set", "notify.private", "true"]);
    server.gone(named.id).await;
    home.script("Second", ASKING);
    let private = server.banner("A task needs you").await;
    assert_eq!(
        (private.body.as_str(), private.labels()),
        ("", vec!["Open"])
    );
    home.run(&["config", "set", "desktop.language", "ja"]);
    home.script("Third", "exit 1");
    server
        .wait("a failure", |record| {
            let told = |title: &str| title.contains("A task failed") || title.contains(FAILED_JA);
            let mut titles = record.live.values().map(|banner| banner.title.as_str());
            titles.any(told).then_some(())
        })
        .await;
    // The command returns before everybody has taken the setting; what fails from here on is told in the new language.
    // It may be the one too many, with which all are told as one.
    home.script("Fourth", "exit 1");
    server
        .wait("a banner in Japanese", |record| {
            let told = |title: &str| title.contains(FAILED_JA) || title.contains(SEVERAL_JA);
            let mut titles = record.live.values().map(|banner| banner.title.as_str());
            titles.any(told).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_that_was_started_again_under_the_tray_is_told_of_at_its_next_ask() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let daemon = home.start_daemon();
    let _tray = home.start();
    home.script("First", ASKING);
    server.banner("“First”").await;
    assert_eq!(daemon.end().code(), Some(0));
    let _daemon = home.start_daemon();
    home.script("Second", ASKING);
    server.banner("“Second”").await;
}
