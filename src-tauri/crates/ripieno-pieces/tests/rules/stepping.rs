//! The stepper: what comes next, that a resume goes on where it stopped, and that it ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use ripieno_core::failure::Class;
use ripieno_pieces::gate::GATE_ROUNDS;
use ripieno_pieces::schema::Work;
use ripieno_pieces::step::{AbortReason, Answer, News, Question, Run, Why};
use ripieno_pieces::{GO_ON, MovementEnd, PerformerEnd, Piece, Position, STOP, Step, Stepper};

use crate::{built_in, example, load, name};

fn begin(piece: &Arc<Piece>) -> Stepper {
    Stepper::start(Arc::clone(piece), None).unwrap()
}

fn said(outcome: &str) -> MovementEnd {
    let outcome = (!outcome.is_empty()).then(|| outcome.to_owned());
    MovementEnd::Performed(PerformerEnd::Completed { outcome })
}

fn exited(success: bool) -> MovementEnd {
    MovementEnd::Performed(PerformerEnd::Exited {
        success,
        outcome: None,
    })
}

fn together(ends: &[(&str, &str)]) -> MovementEnd {
    let end = |outcome: &str| PerformerEnd::Completed {
        outcome: Some(outcome.to_owned()),
    };
    MovementEnd::PerformedTogether(ends.iter().map(|(who, o)| (name(who), end(o))).collect())
}

fn answer(option: &str) -> MovementEnd {
    MovementEnd::Answered(Answer {
        option: Some(option.into()),
        text: None,
    })
}

fn run(step: &Step) -> &Run {
    match step {
        Step::Run(run) => run,
        other => panic!("expected a run, got {other:?}"),
    }
}

fn question(step: &Step) -> &Question {
    match step {
        Step::Ask(question) => question,
        other => panic!("expected a question, got {other:?}"),
    }
}

#[test]
fn one_outcome_is_taken_without_a_word() {
    let mut stepper = begin(&built_in("solo"));
    let first = stepper.current().unwrap();
    assert_eq!(
        (
            run(&first).movement.as_str(),
            run(&first).entry,
            run(&first).again
        ),
        ("work", 1, false)
    );
    assert_eq!(stepper.next(said("")), Ok(Step::Complete));
    assert_eq!(stepper.current(), None);
    assert!(stepper.next(said("")).is_err(), "it has ended");
}

#[test]
fn script_completes_on_zero_and_its_failure_is_reported() {
    assert_eq!(
        begin(&built_in("script")).next(exited(true)),
        Ok(Step::Complete)
    );
    let failed = begin(&built_in("script")).next(exited(false)).unwrap();
    assert_eq!(
        failed,
        Step::Abort(AbortReason::ScriptFailed {
            movement: name("run")
        })
    );
    let Step::Abort(reason) = failed else {
        panic!("an abort")
    };
    assert_eq!(reason.class(), Some(Class::ReportedFailed));
    insta::assert_snapshot!(reason, @r#"the script of "run" failed"#);
}

#[test]
fn unclear_choice_is_repaired_once_and_then_fails() {
    let mut stepper = begin(&example());
    let again = stepper.next(said("")).unwrap();
    assert_eq!(run(&again).news, Some(News::Repair { said: None }));
    assert!(run(&again).again && run(&again).entry == 1);
    let Step::Unclear { movement, reason } = stepper.next(said("whatever")).unwrap() else {
        panic!("unclear");
    };
    assert_eq!(movement, "plan");
    insta::assert_snapshot!(reason, @r#""plan" reported "whatever", which is none of its outcomes"#);
    assert_eq!(
        run(&stepper.current().unwrap()).movement,
        "plan",
        "a retry runs it again"
    );

    let mut stepper = begin(&example());
    stepper.next(said("hm")).unwrap();
    assert_eq!(run(&stepper.next(said("ready")).unwrap()).movement, "build");
}

#[test]
fn failing_gates_send_the_work_back_five_times_and_then_ask() {
    let mut stepper = begin(&built_in("fix-until-green"));
    for round in 1..GATE_ROUNDS {
        assert!(matches!(
            stepper.next(said("")).unwrap(),
            Step::CheckGates { .. }
        ));
        let back = stepper
            .next(MovementEnd::GatesFailed {
                output: "1 failed".into(),
            })
            .unwrap();
        let news = News::GatesFailed {
            round,
            rounds: GATE_ROUNDS,
            output: "1 failed".into(),
        };
        assert_eq!(
            (run(&back).news.as_ref(), run(&back).entry),
            (Some(&news), 1)
        );
    }
    stepper.next(said("")).unwrap();
    let asked = stepper
        .next(MovementEnd::GatesFailed {
            output: "1 failed".into(),
        })
        .unwrap();
    assert_eq!(question(&asked).why, Why::GatesFailed);
    insta::assert_snapshot!(question(&asked).text, @r#"
    The checks of "fix" still fail after 5 rounds. Go on, or stop?

    1 failed
    "#);

    let mut stopped = stepper.clone();
    let end = stopped.next(answer(STOP)).unwrap();
    assert_eq!(
        end,
        Step::Abort(AbortReason::Stopped {
            movement: name("fix")
        })
    );
    let more = stepper.next(answer(GO_ON)).unwrap();
    assert_eq!(
        run(&more).entry,
        2,
        "going on is a new entry with rounds of its own"
    );
    stepper.next(said("")).unwrap();
    assert_eq!(stepper.next(MovementEnd::GatesPassed), Ok(Step::Complete));
}

#[test]
fn gates_do_not_stand_in_the_way_of_waiting() {
    let mut stepper = begin(&example());
    stepper.next(said("ready")).unwrap();
    assert_eq!(
        stepper.next(said("split")),
        Ok(Step::WaitSubtasks {
            then: name("build")
        })
    );
    let on = stepper.next(MovementEnd::SubtasksSettled).unwrap();
    assert_eq!(
        (run(&on).movement.as_str(), run(&on).news.as_ref()),
        ("build", Some(&News::SubtasksSettled))
    );
}

#[test]
fn question_of_an_outcome_leads_on_with_the_answer() {
    let mut stepper = begin(&example());
    let asked = stepper.next(said("unclear")).unwrap();
    assert_eq!(
        question(&asked).text,
        "What is missing before work can start?"
    );
    let mut refused = stepper.clone();
    let text = Answer {
        option: None,
        text: Some("The budget.".into()),
    };
    let on = stepper.next(MovementEnd::Answered(text)).unwrap();
    let Some(News::Answer { answer, .. }) = &run(&on).news else {
        panic!("an answer")
    };
    assert_eq!(
        (answer.as_str(), run(&on).movement.as_str()),
        ("The budget.", "plan")
    );
    let on = refused.next(MovementEnd::NoMoreQuestions).unwrap();
    assert!(matches!(run(&on).news, Some(News::NoMoreQuestions { .. })));
}

#[test]
fn parallel_movement_waits_for_all_and_judges_together() {
    let mut stepper = begin(&example());
    stepper.next(said("ready")).unwrap();
    stepper.next(said("finished")).unwrap();
    stepper.next(MovementEnd::GatesPassed).unwrap();
    let review = stepper.next(exited(true)).unwrap();
    assert_eq!(run(&review).performers, [name("design"), name("tests")]);
    let rest = stepper.next(together(&[("tests", "approved")])).unwrap();
    assert_eq!(
        run(&rest).performers,
        [name("design")],
        "what has ended is kept"
    );
    let stored = stepper.position().clone();
    assert_eq!(
        stepper.next(together(&[("design", "approved")])),
        Ok(Step::Complete)
    );

    let mut resumed = Stepper::start(example(), Some(stored)).unwrap();
    let repair = resumed.next(together(&[("design", "dunno")])).unwrap();
    assert_eq!(run(&repair).performers, [name("design")]);
    let back = resumed.next(together(&[("design", "needs-work")])).unwrap();
    assert_eq!(run(&back).movement, "build");
}

#[test]
fn stuck_loop_asks_when_it_would_begin_again() {
    let mut stepper = begin(&example());
    stepper.next(said("ready")).unwrap();
    for round in 1..=5 {
        stepper.next(said("finished")).unwrap();
        let test = stepper.next(MovementEnd::GatesPassed).unwrap();
        assert_eq!(run(&test).movement, "test");
        let next = stepper.next(exited(false)).unwrap();
        if round < 5 {
            assert_eq!(run(&next).movement, "build");
        } else {
            assert_eq!(question(&next).why, Why::Stuck);
            insta::assert_snapshot!(question(&next).text, @"The work has gone round 5 times (build, test) without getting further. Go on, or stop?");
        }
    }
    assert_eq!(run(&stepper.next(answer(GO_ON)).unwrap()).movement, "build");
    stepper.next(said("finished")).unwrap();
    stepper.next(MovementEnd::GatesPassed).unwrap();
    let next = stepper.next(exited(false)).unwrap();
    assert_eq!(
        run(&next).movement,
        "build",
        "the person's go-on starts a new count"
    );
}

#[test]
fn loop_without_monitor_ends_at_the_limit() {
    let piece = load(
        "version: 1\nname: loop\nmax_movements: 3\nmovements:\n  - { name: a, run: make, outcomes: [{ when: ok, next: COMPLETE }, { when: failed, next: a }] }\n",
    );
    let mut stepper = begin(&piece);
    assert!(matches!(stepper.next(exited(false)), Ok(Step::Run(_))));
    assert!(matches!(stepper.next(exited(false)), Ok(Step::Run(_))));
    assert_eq!(
        stepper.next(exited(false)),
        Ok(Step::IterationLimit { limit: 3 })
    );
}

#[test]
fn stored_position_goes_on_where_the_run_was_interrupted() {
    let mut stepper = begin(&example());
    stepper.next(said("ready")).unwrap();
    stepper.next(said("finished")).unwrap();
    let stored = serde_json::to_value(stepper.position()).unwrap();
    let position: Position = serde_json::from_value(stored).unwrap();
    assert_eq!(position.movement(), Some(&name("build")));
    let resumed = Stepper::start(example(), Some(position)).unwrap();
    assert!(
        matches!(resumed.current(), Some(Step::CheckGates { .. })),
        "the gates run again"
    );
    assert_eq!(resumed.current(), stepper.current());
}

#[test]
fn position_of_another_piece_is_refused_and_an_ended_one_begins_anew() {
    let mut stepper = begin(&built_in("solo"));
    let lost = Stepper::start(built_in("script"), Some(stepper.position().clone())).unwrap_err();
    insta::assert_snapshot!(lost, @r#"the run stood at the movement "work", which the piece "script" does not have; start it again from the beginning"#);
    stepper.next(said("")).unwrap();
    let again = Stepper::start(built_in("solo"), Some(stepper.position().clone())).unwrap();
    assert_eq!(run(&again.current().unwrap()).entry, 1);
}

#[test]
fn end_that_does_not_fit_changes_nothing() {
    let mut stepper = begin(&example());
    let before = stepper.position().clone();
    let error = stepper.next(MovementEnd::GatesPassed).unwrap_err();
    insta::assert_snapshot!(error, @r#"the piece "plan-build-review" is at work, which a result of gates does not end"#);
    assert!(stepper.next(together(&[("a", "b")])).is_err());
    assert_eq!(stepper.position(), &before);
}

/// Answers any step in one of its possible ways, chosen by a number.
fn any_end(piece: &Piece, step: &Step, pick: usize) -> Option<MovementEnd> {
    match step {
        Step::Run(run) => {
            let movement = piece.movement(&run.movement)?;
            if let Work::Parallel { children, .. } = movement.work() {
                let end = |n: usize| {
                    let outcomes = children[n].outcomes();
                    let outcome = outcomes.get((pick + n) % (outcomes.len() + 1));
                    PerformerEnd::Completed {
                        outcome: outcome.map(ToString::to_string),
                    }
                };
                let ends: BTreeMap<_, _> = (0..children.len())
                    .filter(|n| pick % 3 != *n)
                    .map(|n| (children[n].name().clone(), end(n)))
                    .collect();
                return Some(MovementEnd::PerformedTogether(ends));
            }
            let choices = movement.choices();
            let outcome = choices
                .get(pick % (choices.len() + 1))
                .map(ToString::to_string);
            Some(MovementEnd::Performed(match movement.work() {
                Work::Shell { .. } => PerformerEnd::Exited {
                    success: pick.is_multiple_of(2),
                    outcome,
                },
                _ => PerformerEnd::Completed { outcome },
            }))
        }
        Step::CheckGates { .. } if pick.is_multiple_of(2) => Some(MovementEnd::GatesPassed),
        Step::CheckGates { .. } => Some(MovementEnd::GatesFailed {
            output: "no".into(),
        }),
        Step::Ask(_) if pick.is_multiple_of(5) => Some(MovementEnd::NoMoreQuestions),
        Step::Ask(_) => Some(answer(GO_ON)),
        Step::WaitSubtasks { .. } => Some(MovementEnd::SubtasksSettled),
        Step::Complete | Step::Abort(_) | Step::IterationLimit { .. } | Step::Unclear { .. } => {
            None
        }
    }
}

proptest! {
    #[test]
    fn stepper_always_ends_and_a_resume_at_any_step_changes_nothing(
        picks in prop::collection::vec(0_usize..64, 600),
    ) {
        for piece in [example(), built_in("solo"), built_in("script"), built_in("fix-until-green")] {
            let mut stepper = begin(&piece);
            let mut step = stepper.current().unwrap();
            let mut entries = 0;
            let mut waiting_in_vain = 0;
            for pick in &picks {
                if let Step::Run(run) = &step {
                    prop_assert!(run.entry <= piece.max_movements());
                    prop_assert!(run.entry >= entries);
                    // Performers that never report are the caller's to end.
                    waiting_in_vain += usize::from(run.again && !run.performers.is_empty());
                    entries = run.entry;
                }
                let Some(end) = any_end(&piece, &step, *pick) else { break };
                let stored = serde_json::to_string(stepper.position()).unwrap();
                let position = serde_json::from_str(&stored).unwrap();
                let mut resumed = Stepper::start(Arc::clone(&piece), Some(position)).unwrap();
                step = stepper.next(end.clone()).unwrap();
                prop_assert_eq!(resumed.next(end), Ok(step.clone()));
            }
            let ended = any_end(&piece, &step, 0).is_none();
            prop_assert!(ended || waiting_in_vain > 0, "600 steps without an end");
        }
    }
}
