//! Asks: opened, the same twice, answered once, expired, withdrawn; comments.

use crate::rig::{Rig, new, owner, rig, shell, with};
use ripieno_core::{
    ask::{Answer, Ask, AskKind, AskOption, AskPurpose, AskSpec},
    event::TaskEvent,
    failure::Class,
    id::{AskNo, TaskNo},
    lane::{Lane, LaneId},
    state::{Lease, TaskState},
    task::OnInterrupt,
    time::Timestamp,
};
use ripieno_store::{AskOn, AskOutcome, StoreError};

fn question(text: &str) -> AskSpec {
    AskSpec {
        options: vec![AskOption::new("yes", "Yes"), AskOption::new("no", "No")],
        ..AskSpec::question(text)
    }
}

fn ask(rig: &Rig, no: TaskNo, lease: Lease, in_place: bool, spec: AskSpec) -> AskOutcome {
    let on = AskOn::Task {
        no,
        fence: lease.token,
        movement: "build".into(),
        in_place,
    };
    rig.store
        .write_blocking(move |tx| tx.ask(&on, &spec))
        .unwrap()
}

fn opened(outcome: AskOutcome) -> Ask {
    match outcome {
        AskOutcome::Opened { ask, .. } => ask,
        other => panic!("{other:?}"),
    }
}

fn option(id: &str) -> Answer {
    Answer::Option {
        id: id.into(),
        scope: None,
    }
}

fn answer(
    rig: &Rig,
    ask: AskNo,
    value: Answer,
) -> Result<ripieno_store::AnswerOutcome, StoreError> {
    rig.store
        .write_blocking(move |tx| tx.answer(ask, None, &value, "cli"))
}

fn only_ask(rig: &Rig) -> Ask {
    let mut asks = rig.store.read_blocking(|r| r.asks(true)).unwrap();
    assert_eq!(asks.len(), 1);
    asks.remove(0)
}

#[test]
fn question_in_place_keeps_the_lease_and_its_answer_goes_on_running() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let asked = opened(ask(&rig, no, lease, true, question("go?")));
    assert!(matches!(
        rig.row(no).task.state,
        TaskState::NeedsInput { lease: Some(_) }
    ));
    let outcome = answer(&rig, asked.no, option("yes")).unwrap();
    assert_eq!(outcome.task, Some(no));
    assert_eq!(outcome.settled.unwrap().task.state.lease(), Some(lease));
    assert_eq!(rig.state(no), "running");
}

#[test]
fn second_answer_is_told_who_was_first() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let asked = opened(ask(&rig, no, lease, false, question("go?")));
    answer(&rig, asked.no, option("yes")).unwrap();
    let late = answer(&rig, asked.no, option("no"));
    assert!(
        matches!(late, Err(StoreError::AlreadyAnswered { by, value, .. })
        if by == "cli" && value == option("yes"))
    );
    assert_eq!(rig.state(no), "queued");
}

#[test]
fn answer_that_fits_no_option_or_an_older_revision_is_refused() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let asked = opened(ask(&rig, no, lease, false, question("go?")));
    assert!(matches!(
        answer(&rig, asked.no, option("maybe")),
        Err(StoreError::BadAnswer(_))
    ));
    let (ask_no, old) = (asked.no, asked.revision - 1);
    let stale = rig
        .store
        .write_blocking(move |tx| tx.answer(ask_no, Some(old), &option("yes"), "x"));
    assert!(matches!(stale, Err(StoreError::AskChanged { .. })));
    assert_eq!(rig.state(no), "needs_input");
}

#[test]
fn task_leaves_needs_input_when_the_last_of_several_is_settled() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let a = opened(ask(&rig, no, lease, true, question("a?")));
    let b = opened(ask(&rig, no, lease, true, question("b?")));
    assert!(answer(&rig, a.no, option("yes")).unwrap().settled.is_none());
    assert!(
        answer(&rig, b.no, Answer::Text("words".into()))
            .unwrap()
            .settled
            .is_some()
    );
    assert_eq!(rig.state(no), "running");
}

#[test]
fn same_question_of_a_later_run_returns_the_answer_already_given() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let first = opened(ask(&rig, no, lease, false, question("go?")));
    answer(&rig, first.no, option("yes")).unwrap();
    let lease = rig.run(no);
    let again = ask(&rig, no, lease, false, question("go?"));
    assert!(matches!(again, AskOutcome::Answered(ask) if ask.no == first.no));
    assert_eq!(rig.state(no), "running");
    opened(ask(&rig, no, lease, true, question("really?")));
    assert!(matches!(
        ask(&rig, no, lease, true, question("really?")),
        AskOutcome::Open(_)
    ));
    let keyed = |text: &str| AskSpec {
        key: Some("k".into()),
        ..question(text)
    };
    let one = opened(ask(&rig, no, lease, true, keyed("one")));
    assert!(
        matches!(ask(&rig, no, lease, true, keyed("two")), AskOutcome::Open(ask) if ask.no == one.no)
    );
}

#[test]
fn approval_is_asked_anew_each_time() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let approval = || AskSpec {
        kind: AskKind::Approval,
        ..question("run rm?")
    };
    let first = opened(ask(&rig, no, lease, true, approval()));
    answer(&rig, first.no, option("yes")).unwrap();
    let second = opened(ask(&rig, no, lease, true, approval()));
    assert_ne!(first.no, second.no);
}

#[test]
fn deadline_takes_the_default_or_fails_the_task() {
    let rig = rig();
    let soon = Some(Timestamp(1_700_000_000_000 + 1000));
    let (a, b) = (rig.submit(new()), rig.submit(new()));
    let (la, lb) = (rig.run(a), rig.run(b));
    let with_default = AskSpec {
        expires_at: soon,
        default: Some("no".into()),
        ..question("a?")
    };
    let without = AskSpec {
        expires_at: soon,
        ..question("b?")
    };
    opened(ask(&rig, a, la, false, with_default));
    opened(ask(&rig, b, lb, true, without));
    assert_eq!(rig.store.read_blocking(|r| r.next_expiry()).unwrap(), soon);
    assert!(
        rig.store
            .write_blocking(|tx| tx.expire_due())
            .unwrap()
            .is_empty()
    );
    rig.clock.advance(1000);
    let expired = rig.store.write_blocking(|tx| tx.expire_due()).unwrap();
    assert_eq!(expired.len(), 2);
    assert_eq!(expired[0].ask.answered.as_ref().unwrap().by, "default");
    assert_eq!((rig.state(a), rig.state(b)), ("queued", "failed"));
    assert_eq!(rig.row(b).failure.unwrap().class, "ask_expired");
    assert!(
        rig.store
            .read_blocking(|r| r.asks(true))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn cancel_closes_open_asks_and_a_late_answer_is_told_so() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let asked = opened(ask(&rig, no, lease, false, question("go?")));
    rig.event(no, TaskEvent::CancelRequested, None);
    assert!(matches!(
        answer(&rig, asked.no, option("yes")),
        Err(StoreError::AskClosed { .. })
    ));
}

#[test]
fn withdrawn_last_ask_lets_the_task_go_on() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let asked = opened(ask(&rig, no, lease, true, question("go?")));
    let ask_no = asked.no;
    rig.store
        .write_blocking(move |tx| tx.withdraw(ask_no))
        .unwrap();
    assert_eq!(rig.state(no), "running");
}

#[test]
fn review_is_accepted_changed_or_discarded() {
    for (choice, state) in [
        ("accept", "done"),
        ("changes", "queued"),
        ("discard", "cancelled"),
    ] {
        let rig = rig();
        let no = rig.submit(with(|t| t.review = true));
        let lease = rig.run(no);
        rig.event(no, crate::rig::DONE, Some(lease));
        assert_eq!(rig.state(no), "needs_input");
        let review = only_ask(&rig);
        assert_eq!(
            (review.spec.kind, review.spec.purpose),
            (AskKind::Review, AskPurpose::Review)
        );
        answer(&rig, review.no, option(choice)).unwrap();
        assert_eq!(rig.state(no), state, "{choice}");
    }
}

#[test]
fn budget_and_run_again_stop_the_task_or_let_it_go_on() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    rig.event(
        no,
        TaskEvent::AttemptFailed {
            class: Class::Timeout,
            jitter: 0,
        },
        Some(lease),
    );
    answer(&rig, only_ask(&rig).no, option("more")).unwrap();
    assert_eq!(rig.state(no), "queued");

    let cut = rig.submit(with(|t| t.on_interrupt = OnInterrupt::Ask));
    let lease = rig.run(cut);
    let lost = TaskEvent::LeaseLost {
        crash: true,
        progress: false,
    };
    rig.event(cut, lost, Some(lease));
    answer(&rig, only_ask(&rig).no, option("stop")).unwrap();
    assert_eq!(rig.state(cut), "cancelled");
}

#[test]
fn lane_has_one_open_ask_of_a_kind_however_many_tasks_wait() {
    let rig = rig();
    let lane = LaneId::new("claude", "default").unwrap();
    let spec = AskSpec {
        kind: AskKind::SignIn,
        purpose: AskPurpose::Lane,
        binding: None,
        ..question("sign in")
    };
    let (on, again) = (AskOn::Lane(lane.clone()), AskOn::Lane(lane.clone()));
    let first = rig
        .store
        .write_blocking({
            let spec = spec.clone();
            move |tx| tx.ask(&on, &spec)
        })
        .unwrap();
    let second = rig
        .store
        .write_blocking(move |tx| tx.ask(&again, &spec))
        .unwrap();
    assert!(matches!(second, AskOutcome::Open(ask) if ask.no == opened(first).no));
    let outcome = answer(&rig, only_ask(&rig).no, option("yes")).unwrap();
    assert_eq!((outcome.task, outcome.settled), (None, None));
    let mut known = Lane::fresh(lane.clone());
    known.signed_out = true;
    let stored = known.clone();
    rig.store
        .write_blocking(move |tx| tx.put_lane(&stored, "lane_signed_out", serde_json::json!({})))
        .unwrap();
    assert_eq!(
        rig.store.read_blocking(move |r| r.lane(&lane)).unwrap(),
        known
    );
}

#[test]
fn comment_is_given_out_once_and_only_to_the_live_lease() {
    let rig = rig();
    let no = rig.submit(new());
    rig.store
        .write_blocking(move |tx| tx.comment(no, "look left", false, "cli"))
        .unwrap();
    let old = rig.run(no);
    let taken = rig
        .store
        .write_blocking(move |tx| tx.take_comments(no, old.token, "build"))
        .unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].body, "look left");
    let rest = rig
        .store
        .write_blocking(move |tx| tx.take_comments(no, old.token, "build"))
        .unwrap();
    assert!(rest.is_empty());
    rig.event(
        no,
        TaskEvent::Yielded(ripieno_core::event::YieldReason::Held),
        Some(old),
    );
    rig.store
        .write_blocking(move |tx| tx.claim(no, &shell(), &owner()))
        .unwrap();
    let late = rig
        .store
        .write_blocking(move |tx| tx.take_comments(no, old.token, "build"));
    assert!(matches!(late, Err(StoreError::Refused { .. })));
}

#[test]
fn task_that_is_being_cancelled_opens_no_ask() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    rig.event(no, TaskEvent::CancelRequested, None);
    let on = AskOn::Task {
        no,
        fence: lease.token,
        movement: "build".into(),
        in_place: true,
    };
    let refused = rig.store.write_blocking(move |tx| {
        // Even an operation that goes on after the refusal leaves no ask behind.
        Ok(tx.ask(&on, &question("go?")).is_err())
    });
    assert!(refused.unwrap());
    assert!(
        rig.store
            .read_blocking(|r| r.asks(false))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn sixth_question_is_refused_whatever_it_shares_with_another() {
    let rig = rig();
    let no = rig.submit(new());
    let lease = rig.run(no);
    let of = |text: &str, labels: &[&str]| AskSpec {
        options: labels
            .iter()
            .map(|label| AskOption::new(*label, *label))
            .collect(),
        ..AskSpec::question(text)
    };
    let try_to = |spec: AskSpec| {
        let on = AskOn::Task {
            no,
            fence: lease.token,
            movement: "build".into(),
            in_place: true,
        };
        rig.store.write_blocking(move |tx| tx.ask(&on, &spec))
    };
    // What the machine asks is none of the performer's questions.
    let machine = AskSpec {
        purpose: AskPurpose::RunAgain,
        ..of("Again?", &["again", "stop"])
    };
    opened(try_to(machine).unwrap());
    for n in 1..=5 {
        opened(try_to(of("Which?", &["a", &n.to_string()])).unwrap());
    }
    let sixth = try_to(of("Which?", &["a", "6"])).unwrap_err();
    assert!(sixth.to_string().contains("5 questions"), "{sixth}");
    let same = try_to(of("Which?", &["a", "3"])).unwrap();
    assert!(matches!(same, AskOutcome::Open(_)), "{same:?}");
}
