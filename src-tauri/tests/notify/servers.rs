//! Servers that come, go, are replaced or hang.

use std::time::{Duration, Instant};

use crate::app::{ASKING, Home, display, wait};
use crate::bus::Bus;
use crate::server::{ALL, Server};

#[tokio::test(flavor = "multi_thread")]
async fn server_that_dies_and_comes_back_shows_what_is_new_and_not_what_it_showed() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let mut app = home.start();
    home.script("First", ASKING);
    let first = server.banner("“First”").await;
    // One is shown after the other: with the next on screen the first is known to be shown.
    home.script("Next", ASKING);
    server.banner("“Next”").await;
    server.die().await;
    let missed = home.script("Second", ASKING);
    home.state(&missed, "needs_input");
    let server = Server::start_after(bus.address(), &ALL, first.id).await;
    let banner = server.banner("“Second”").await;
    // What has the number of the first is another program's now.
    server.say_pressed(first.id, &first.key("Postgres")).await;
    server.press(banner.id, &banner.key("Postgres")).await;
    home.state(&missed, "done");
    let again = server
        .record()
        .shown
        .iter()
        .filter(|it| it.title.contains("First"))
        .count();
    assert_eq!(again, 0, "{:#?}", server.record());
    assert_eq!(home.asks().len(), 2, "another's banner answered nothing");
    assert!(app.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_takes_the_place_of_another_is_asked_for_nothing_of_the_one_before() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let before = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let _app = home.start();
    home.script("First", ASKING);
    let first = before.banner("“First”").await;
    let server = Server::start(bus.address(), &["body"]).await;
    home.script("Second", ASKING);
    let second = server.banner("“Second”").await;
    assert!(second.actions.is_empty(), "what it can do was asked anew");
    assert_eq!((first.id, second.id), (1, 1), "numbers are counted anew");
    home.run(&["ask", "answer", "A-1", "pg"]);
    home.script("Third", ASKING);
    server.banner("“Third”").await;
    assert!(server.record().closed.is_empty(), "{:#?}", server.record());
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_hangs_does_not_keep_the_program_from_ending() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    let app = home.start();
    for title in ["First", "Second"] {
        home.script(title, ASKING);
        server.banner(title).await;
    }
    server.freeze();
    let begin = Instant::now();
    assert_eq!(app.end().code(), Some(0));
    // Each call alone would be waited for ten seconds.
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(10), "it took {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_request_to_end_is_heard_while_a_server_hangs_and_a_task_does_not_end() {
    if !display() {
        return;
    }
    let bus = Bus::start().await;
    let server = Server::start(bus.address(), &ALL).await;
    let home = Home::new(&bus);
    home.configure("[stop]\ngrace = \"60s\"\n\n[quit]\ngrace = \"2m\"\n");
    let app = home.start();
    let stubborn = "trap '' TERM INT HUP; while :; do sleep 1; done";
    let task = home.script("Stubborn", stubborn);
    home.state(&task, "running");
    home.script("First", ASKING);
    server.banner("First").await;
    server.freeze();
    let begin = Instant::now();
    app.ask_to_end();
    wait("the worker to stop", || {
        (home.run(&["status", "--json"])["state"] == "stopping").then_some(())
    });
    assert_eq!(app.end().code(), Some(0));
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(15), "it took {took:?}");
}
