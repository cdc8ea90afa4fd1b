use super::*;
use crate::{Access, Approvals};
use ripieno_core::ask::{AskKind, AskScope};
use std::path::Path;

fn desk(folder: &Path, approvals: Approvals, access: Access) -> Desk {
    let profile = Profile::custom("opencode", "opencode", Vec::new());
    Desk::new(&profile, Policy::bare(folder, approvals, access))
}

fn call(value: Value) -> Call {
    Call::new(serde_json::from_value(value).unwrap())
}

fn command(text: &str) -> Call {
    call(
        json!({"toolCallId": "1", "title": text, "kind": "execute", "rawInput": {"command": text}}),
    )
}

fn options() -> Vec<PermissionOption> {
    serde_json::from_value(json!([
        {"optionId": "always", "name": "Always", "kind": "allow_always"},
        {"optionId": "once", "name": "Once", "kind": "allow_once"},
        {"optionId": "no", "name": "No", "kind": "reject_once"},
    ]))
    .unwrap()
}

fn choose(id: &str, scope: Option<AskScope>) -> Answer {
    Answer::Option {
        id: id.to_owned(),
        scope,
    }
}

fn asked(steps: &[Step]) -> AskRaised {
    match steps {
        [Step::Ask(raised)] => raised.clone(),
        other => panic!("one ask: {other:?}"),
    }
}

fn chosen(steps: &[Step]) -> String {
    match steps.first() {
        Some(Step::Write(bytes)) => {
            let line: Value = serde_json::from_slice(bytes).unwrap();
            plain(&line["result"]["outcome"]["optionId"])
        }
        other => panic!("a line: {other:?}"),
    }
}

#[test]
fn what_is_shown_is_what_runs_and_leave_is_the_narrowest_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let (steps, denied) = desk.leave(&json!(0), &command("rm -rf build"), options());
    let raised = asked(&steps);
    assert_eq!((raised.spec.kind, denied), (AskKind::Approval, false));
    assert!(raised.spec.text.contains("rm -rf build"));
    let ids: Vec<&str> = raised.spec.options.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(ids, ["allow", "always", "deny"]);
    let answered = desk.answer(&raised.key, &choose("allow", None));
    assert_eq!(
        (chosen(&answered.steps), desk.open()),
        ("once".to_owned(), 0)
    );
}

#[test]
fn refusal_with_words_is_told_to_the_agent_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.leave(&json!(0), &command("make"), options()).0);
    let answered = desk.answer(&raised.key, &Answer::Text("use ninja".to_owned()));
    assert_eq!(chosen(&answered.steps), "no");
    assert!(answered.denied && answered.told.unwrap().contains("use ninja"));
}

#[test]
fn leave_for_the_task_covers_the_same_command_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskAll, Access::Full);
    let raised = asked(&desk.leave(&json!(0), &command("ls"), options()).0);
    desk.answer(&raised.key, &choose("allow", Some(AskScope::Task)));
    let (again, _) = desk.leave(&json!(1), &command("ls"), options());
    assert_eq!(chosen(&again), "once");
    asked(&desk.leave(&json!(2), &command("ls; rm x"), options()).0);
}

#[test]
fn agents_own_rule_is_passed_on_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskAll, Access::Full);
    let raised = asked(&desk.leave(&json!(0), &command("ls"), options()).0);
    let answered = desk.answer(&raised.key, &choose("always", None));
    assert_eq!(
        (chosen(&answered.steps), answered.denied),
        ("always".to_owned(), false)
    );
}

#[test]
fn reading_step_may_neither_edit_nor_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Read);
    let (steps, denied) = desk.leave(&json!(0), &command("ls"), options());
    assert_eq!((chosen(&steps), denied), ("no".to_owned(), true));
}

#[test]
fn change_of_the_agents_mode_offers_none_of_its_own_rules() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Full);
    let call = call(json!({"toolCallId": "1", "title": "Leave the plan", "kind": "switch_mode"}));
    let raised = asked(&desk.leave(&json!(0), &call, options()).0);
    assert_eq!(raised.spec.options.len(), 2);
}

#[test]
fn form_is_asked_and_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Full);
    let params = json!({"mode": "form", "message": "Which colour?", "requestedSchema": {
        "type": "object", "properties": {"colour": {"type": "string"}}, "required": ["colour"]}});
    let raised = asked(&desk.form(&json!(4), &params));
    let answered = desk.answer(&raised.key, &Answer::Text("Blue".to_owned()));
    let Some(Step::Write(bytes)) = answered.steps.first() else {
        panic!("{:?}", answered.steps)
    };
    let line: Value = serde_json::from_slice(bytes).unwrap();
    assert_eq!(
        line["result"],
        json!({"action": "accept", "content": {"colour": "Blue"}})
    );
}
