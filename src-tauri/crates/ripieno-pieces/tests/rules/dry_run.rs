//! `piece test`: dry runs with recorded answers.

use ripieno_pieces::simulate::{Recording, TraceEnd, simulate};

use crate::{built_in, example};

fn recording(json: &str) -> Recording {
    serde_json::from_str(json).unwrap()
}

#[test]
fn without_recording_the_first_outcomes_are_taken() {
    let trace = simulate(&built_in("solo"), &Recording::default());
    insta::assert_snapshot!(trace.text(), @r"
    run   work: finished
    end   complete
    ");
    let trace = simulate(&example(), &Recording::default());
    insta::assert_snapshot!(trace.text(), @r"
    run   plan: ready
    run   build: finished
    gates build: passed
    run   test: ok
    run   review: design approved, tests approved
    end   complete
    ");
    assert!(trace.untouched.is_empty() && trace.unused.is_empty());
}

#[test]
fn recorded_answers_lead_through_questions_gates_and_loops() {
    let trace = simulate(
        &example(),
        &recording(
            r#"{"outcomes":{"plan":["unclear","ready"],"build":["split","finished"],"test":["failed","ok"],
                "review/tests":["needs-work","approved"]},
                "gates":{"build":[false,true]},"answers":["Use the old one."]}"#,
        ),
    );
    insta::assert_snapshot!(trace.text(), @r"
    run   plan: unclear
    ask   plan: What is missing before work can start? -> Use the old one.
    run   plan: ready
    run   build: split
    wait  build: subtasks settled
    run   build: finished
    gates build: failed
    run   build: finished
    gates build: passed
    run   test: failed
    run   build: finished
    gates build: passed
    run   test: ok
    run   review: design approved, tests needs-work
    run   build: finished
    gates build: passed
    run   test: ok
    run   review: design approved, tests approved
    end   complete
    ");
}

#[test]
fn gates_that_never_pass_ask_and_the_answer_stops() {
    let trace = simulate(
        &built_in("fix-until-green"),
        &recording(r#"{"gates":{"fix":[false,false,false,false,false]},"answers":["stop"]}"#),
    );
    assert_eq!(trace.end, TraceEnd::Abort);
    assert_eq!(
        trace.lines.iter().filter(|line| line.step == "run").count(),
        5
    );
}

#[test]
fn what_was_recorded_in_vain_is_told() {
    let trace = simulate(
        &built_in("script"),
        &recording(r#"{"outcomes":{"run":["failed"],"walk":["ok"]},"answers":["x"]}"#),
    );
    assert_eq!(trace.end, TraceEnd::Abort);
    assert_eq!(trace.unused, ["outcomes.walk", "answers"]);
    let trace = simulate(
        &built_in("script"),
        &recording(r#"{"outcomes":{"run":["later"]}}"#),
    );
    assert_eq!(trace.end, TraceEnd::Unclear);
    assert!(serde_json::from_str::<Recording>(r#"{"outcome":{}}"#).is_err());
}

#[test]
fn test_fails_on_another_end_and_on_unused_answers() {
    let wanted = Recording::parse("outcomes:\n  run: [failed]\nexpect: abort\n").unwrap();
    assert!(
        simulate(&built_in("script"), &wanted)
            .failures(&wanted)
            .is_empty()
    );
    let other = Recording::parse("{ expect: abort, answers: [x] }").unwrap();
    let failures = simulate(&built_in("script"), &other).failures(&other);
    insta::assert_snapshot!(failures.join("\n"), @r"
    the run was expected to end as abort, but ended as complete
    recorded answers were never used: answers
    ");
    let error = Recording::parse("outcome: {}").unwrap_err();
    assert!(error.contains("line 1"), "{error}");
}
