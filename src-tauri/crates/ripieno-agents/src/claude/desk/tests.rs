use super::*;
use crate::{Access, Approvals, Limits, RunSpec, Session, Work};
use ripieno_core::ask::{AskKind, AskScope};
use serde_json::json;
use std::{collections::BTreeMap, path::Path, time::Duration};

fn desk(folder: &Path, approvals: Approvals, access: Access) -> Desk {
    Desk::new(Policy::new(&RunSpec {
        work: Work::Prompt(String::new()),
        folder: folder.to_owned(),
        env: BTreeMap::new(),
        session: Session::Resume(String::new()),
        model: None,
        effort: None,
        approvals,
        access,
        limits: Limits {
            idle: None,
            tool: None,
            working: None,
            grace: Duration::ZERO,
        },
        raw_log: folder.join("raw.log"),
        spill: folder.join("spill"),
        title: String::new(),
        most_micros: None,
        tools: None,
    }))
}

fn request(value: Value) -> Request {
    serde_json::from_value(value).unwrap()
}

fn bash(command: &str) -> Request {
    request(
        json!({"subtype": "can_use_tool", "tool_name": "Bash", "input": {"command": command},
        "permission_suggestions": [{"type": "addRules", "behavior": "allow",
            "rules": [{"toolName": "Bash", "ruleContent": "ls *"}], "destination": "localSettings"}]}),
    )
}

fn choose(id: &str, scope: Option<AskScope>) -> Answer {
    Answer::Option {
        id: id.to_owned(),
        scope,
    }
}

/// The one ask of the moves.
fn asked(moves: &[Move]) -> AskRaised {
    match moves {
        [Move::Ask(raised)] => raised.clone(),
        other => panic!("one ask: {other:?}"),
    }
}

/// The response in the one line of the moves.
fn written(moves: &[Move]) -> Value {
    match moves.first() {
        Some(Move::Write(bytes)) => {
            serde_json::from_slice::<Value>(bytes).unwrap()["response"]["response"].clone()
        }
        other => panic!("a line: {other:?}"),
    }
}

#[test]
fn what_is_shown_is_what_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.request("r1", bash("rm -rf build")));
    assert_eq!(raised.spec.kind, AskKind::Approval);
    assert_eq!(
        raised.spec.text,
        "Claude wants to run this command:\nrm -rf build"
    );
    let labels: Vec<&str> = raised
        .spec
        .options
        .iter()
        .map(|option| option.label.as_str())
        .collect();
    let kept = "Allow, and Bash(ls *) always in this folder (its local settings)";
    assert_eq!(labels, ["Allow", kept, "Deny"]);
    let got = written(&desk.answer(&raised.key, &choose("allow", None)));
    assert_eq!(
        got,
        json!({"behavior": "allow", "updatedInput": {"command": "rm -rf build"}})
    );
    assert_eq!(desk.open(), 0);
}

#[test]
fn suggestion_is_given_back_as_the_agent_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.request("r1", bash("ls")));
    let got = written(&desk.answer(&raised.key, &choose("suggestion-0", None)));
    assert_eq!(
        got["updatedPermissions"][0]["rules"][0]["ruleContent"],
        "ls *"
    );
}

#[test]
fn denial_carries_the_persons_words_and_the_next_call_asks_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.request("r1", bash("ls")));
    let got = written(&desk.answer(&raised.key, &Answer::Text("use git".into())));
    assert_eq!(
        got["message"],
        "The person did not allow this and says: use git"
    );
    let again = asked(&desk.request("r2", bash("ls")));
    assert_ne!(again.key, raised.key);
    let got = written(&desk.answer(&again.key, &choose("deny", None)));
    assert_eq!(got["behavior"], "deny");
}

#[test]
fn leave_for_the_task_passes_the_same_call_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.request("r1", bash("make")));
    desk.answer(&raised.key, &choose("allow", Some(AskScope::Task)));
    assert_eq!(
        written(&desk.request("r2", bash("make")))["behavior"],
        "allow"
    );
    asked(&desk.request("r3", bash("make install")));
}

#[test]
fn read_access_denies_without_asking() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Read);
    let moves = desk.request("r1", bash("ls"));
    assert_eq!(written(&moves)["behavior"], "deny");
    assert_eq!(moves[1], Move::Note("denied: Bash: ls".to_owned()));
}

#[test]
fn several_questions_are_several_asks_and_one_answer() {
    let folder = tempfile::tempdir().unwrap();
    // Even what is trusted never answers a question.
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Full);
    let option = |label: &str| json!({"label": label, "description": "d"});
    let input = json!({"questions": [
        {"question": "Colour?", "options": [option("Red"), option("Blue")]},
        {"question": "Sizes?", "multiSelect": true, "options": [option("S"), option("L")]}]});
    let moves = desk.request(
        "r1",
        request(json!({"subtype": "can_use_tool", "tool_name": "AskUserQuestion", "input": input})),
    );
    let [Move::Ask(colour), Move::Ask(sizes)] = moves.as_slice() else {
        panic!("{moves:?}")
    };
    assert_eq!((colour.spec.kind, desk.open()), (AskKind::Question, 2));
    assert!(
        desk.answer(&sizes.key, &Answer::Text("1, L".into()))
            .is_empty()
    );
    let got = written(&desk.answer(&colour.key, &choose("2", None)));
    assert_eq!(
        got["updatedInput"]["answers"],
        json!({"Colour?": "Blue", "Sizes?": "S, L"})
    );
    assert_eq!(got["updatedInput"]["questions"], input["questions"]);
}

#[test]
fn form_that_was_filled_in_wrongly_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Full);
    let schema = json!({"properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let form = json!({"subtype": "elicitation", "mcp_server_name": "s", "message": "How many?",
        "requested_schema": schema});
    let raised = asked(&desk.request("r1", request(form)));
    let again = asked(&desk.answer(&raised.key, &Answer::Text("x".into())));
    assert!(
        again.spec.text.contains("whole number"),
        "{}",
        again.spec.text
    );
    let got = written(&desk.answer(&again.key, &Answer::Text("3".into())));
    assert_eq!(got, json!({"action": "accept", "content": {"n": 3}}));
}

#[test]
fn withdrawn_request_takes_its_asks_along_and_a_late_answer_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.request("r1", bash("ls")));
    assert_eq!(desk.withdraw("r1"), [Move::Withdraw(raised.key.clone())]);
    let late = desk.answer(&raised.key, &choose("allow", None));
    assert!(matches!(late.as_slice(), [Move::Note(_)]), "{late:?}");
}

#[test]
fn request_nobody_knows_is_refused_and_never_left_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    for subtype in ["hook_callback", "", TOO_LONG] {
        let moves = desk.request("r1", request(json!({"subtype": subtype})));
        assert!(matches!(moves.as_slice(), [Move::Write(_)]), "{subtype}");
    }
}
