use super::*;
use crate::{Access, Approvals};
use ripieno_core::ask::{AskKind, AskScope};
use std::path::Path;

fn desk(folder: &Path, approvals: Approvals, access: Access) -> Desk {
    Desk::new(Policy::bare(folder, approvals, access))
}

const COMMAND: &str = "item/commandExecution/requestApproval";
const CHANGE: &str = "item/fileChange/requestApproval";

fn command(text: &str) -> Value {
    json!({"itemId": "c1", "command": text, "cwd": "/w"})
}

fn change(path: &str) -> Value {
    json!({"type": "fileChange", "id": "c1",
        "changes": [{"path": path, "kind": {"type": "add"}, "diff": "+hello"}]})
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

fn written(steps: &[Step]) -> Value {
    match steps.first() {
        Some(Step::Write(bytes)) => serde_json::from_slice(bytes).unwrap(),
        other => panic!("a line: {other:?}"),
    }
}

#[test]
fn what_is_shown_is_what_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.request(
        &json!(0),
        COMMAND,
        &command("bash -lc 'rm -rf build'"),
        None,
    ));
    assert_eq!(raised.spec.kind, AskKind::Approval);
    assert!(
        raised.spec.text.contains("bash -lc 'rm -rf build'"),
        "{}",
        raised.spec.text
    );
    let (steps, told) = desk.answer(&raised.key, &choose("allow", None));
    assert_eq!(
        written(&steps),
        json!({"id": 0, "result": {"decision": "accept"}})
    );
    assert_eq!((told, desk.open()), (None, 0));
}

#[test]
fn refusal_with_words_is_told_to_the_agent() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.request(&json!("r"), COMMAND, &command("make"), None));
    let (steps, told) = desk.answer(&raised.key, &Answer::Text("use ninja".to_owned()));
    assert_eq!(written(&steps)["result"]["decision"], "decline");
    assert!(told.unwrap().contains("use ninja"));
}

#[test]
fn leave_for_the_task_covers_the_same_command_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskAll, Access::Full);
    let raised = asked(&desk.request(&json!(0), COMMAND, &command("ls"), None));
    desk.answer(&raised.key, &choose("allow", Some(AskScope::Task)));
    let again = desk.request(&json!(1), COMMAND, &command("ls"), None);
    assert_eq!(written(&again)["result"]["decision"], "accept");
    asked(&desk.request(&json!(2), COMMAND, &command("ls; rm x"), None));
}

#[test]
fn change_inside_passes_and_outside_or_unseen_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let params = json!({"itemId": "c1"});
    let inside = desk.request(&json!(0), CHANGE, &params, Some(&change("a.txt")));
    assert_eq!(written(&inside)["result"]["decision"], "accept");
    asked(&desk.request(&json!(1), CHANGE, &params, Some(&change("/etc/hosts"))));
    let unseen = desk.request(&json!(2), CHANGE, &params, None);
    assert_eq!(written(&unseen)["result"]["decision"], "decline");
}

#[test]
fn reading_step_may_neither_edit_nor_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Read);
    let run = desk.request(&json!(0), COMMAND, &command("ls"), None);
    assert_eq!(written(&run)["result"]["decision"], "decline");
    let edit = desk.request(&json!(1), CHANGE, &json!({}), Some(&change("a.txt")));
    assert_eq!(written(&edit)["result"]["decision"], "decline");
}

#[test]
fn questions_are_answered_together_by_their_ids() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Full);
    let params = json!({"questions": [
        {"id": "colour", "question": "Which?", "isOther": true, "options": [{"label": "Red", "description": "warm"}]},
        {"id": "size", "question": "How big?"},
    ]});
    let asks = desk.request(&json!(7), "item/tool/requestUserInput", &params, None);
    let keys: Vec<String> = asks
        .iter()
        .map(|step| asked(std::slice::from_ref(step)).key)
        .collect();
    assert_eq!(desk.open(), 2);
    let (first, _) = desk.answer(&keys[0], &choose("Red", None));
    assert!(first.is_empty());
    let (second, _) = desk.answer(&keys[1], &Answer::Text("12".to_owned()));
    assert_eq!(
        written(&second),
        json!({"id": 7, "result": {"answers": {"colour": {"answers": ["Red"]}, "size": {"answers": ["12"]}}}})
    );
}

#[test]
fn tool_of_another_server_asks_and_form_is_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let method = "mcpServer/elicitation/request";
    let call = json!({"serverName": "human", "message": "Allow?", "requestedSchema": {},
        "_meta": {"codex_approval_kind": "mcp_tool_call", "tool_name": "ask", "tool_params": {"q": 1}}});
    let raised = asked(&desk.request(&json!(0), method, &call, None));
    assert!(
        raised.spec.text.contains("mcp__human__ask"),
        "{}",
        raised.spec.text
    );
    let (steps, _) = desk.answer(&raised.key, &choose("deny", None));
    assert_eq!(written(&steps)["result"]["action"], "decline");
    let form = json!({"serverName": "human", "message": "Which colour?",
        "requestedSchema": {"type": "object", "properties": {"colour": {"type": "string"}}, "required": ["colour"]}});
    let raised = asked(&desk.request(&json!(1), method, &form, None));
    let (steps, _) = desk.answer(&raised.key, &Answer::Text("Blue".to_owned()));
    assert_eq!(
        written(&steps)["result"],
        json!({"action": "accept", "content": {"colour": "Blue"}})
    );
}

#[test]
fn request_that_is_resolved_elsewhere_is_withdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::AskRisky, Access::Full);
    let raised = asked(&desk.request(&json!(3), COMMAND, &command("make"), None));
    assert_eq!(desk.withdraw(&json!(3)), vec![Step::Withdraw(raised.key)]);
    assert_eq!(desk.open(), 0);
}

#[test]
fn unknown_request_is_refused_and_never_left_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = desk(folder.path(), Approvals::Trusted, Access::Full);
    let steps = desk.request(&json!(9), "item/tool/call", &json!({}), None);
    assert!(
        written(&steps)["error"]["message"]
            .as_str()
            .unwrap()
            .contains("item/tool/call")
    );
}
