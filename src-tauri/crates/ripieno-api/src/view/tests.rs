//! Views whose rows no quiet worker has.

use super::{Ask, Event, Runtime};
use ripieno_core::{
    ask::{Answer, Answered, AskOption, AskScope, AskSpec, AskSubject},
    id::{AskId, AskNo, TaskId, TaskNo},
    lane::LaneId,
    time::Timestamp,
};
use serde_json::json;

const AT: Timestamp = Timestamp(1_772_355_600_000);

fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

#[test]
fn ask_is_shown_with_options_scopes_and_answer() {
    let ask = ripieno_core::ask::Ask {
        id: AskId(uuid(1)),
        no: AskNo(3),
        subject: AskSubject::Task(TaskId(uuid(2))),
        spec: AskSpec {
            options: vec![AskOption::new("allow", "Allow")],
            scopes: vec![AskScope::Once, AskScope::Task],
            expires_at: Some(AT),
            ..AskSpec::question("May it?")
        },
        revision: 2,
        created_at: AT,
        answered: Some(Answered {
            by: "cli".into(),
            value: Answer::Option {
                id: "allow".into(),
                scope: None,
            },
            at: AT,
        }),
        closed_at: None,
        snoozed_until: Some(AT),
    };
    insta::assert_json_snapshot!("ask", Ask::from(&ask));
    let lane = ripieno_core::ask::Ask {
        subject: AskSubject::Lane(LaneId::shell()),
        answered: None,
        ..ask
    };
    let shown = Ask::from(&lane);
    assert_eq!(
        (shown.subject.as_str(), shown.lane.as_deref(), shown.task),
        ("lane", Some("shell"), None)
    );
}

#[test]
fn event_is_shown_with_its_place_task_and_data() {
    let event = ripieno_daemon::handle::Event {
        seq: 7,
        at: AT,
        task: Some((TaskNo(1), TaskId(uuid(2)))),
        attempt: Some(1),
        kind: "claimed".into(),
        data: json!({ "from": "queued", "to": "leased" }),
    };
    insta::assert_json_snapshot!("event", Event::from(&event));
}

#[test]
fn runtime_is_shown_with_what_is_known() {
    let found = ripieno_daemon::runtimes::Runtime {
        id: "claude:default".into(),
        kind: "claude".into(),
        name: "Claude Code".into(),
        program: "claude".into(),
        path: Some("/usr/bin/claude".into()),
        version: Some("2.1.0".into()),
        usable: true,
        reason: None,
        signed_in: None,
        protocol: Some("stream-json".into()),
        offer: None,
        lane: LaneId::new("claude", "default").ok(),
    };
    insta::assert_json_snapshot!("runtime", Runtime::from(found));
}
