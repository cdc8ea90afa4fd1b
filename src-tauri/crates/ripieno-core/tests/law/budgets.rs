//! Budgets: when one is breached, what is asked, and what an answer raises (T17).

use ripieno_core::{
    ask::{Answer, Answered, Ask, AskKind, AskPurpose, AskSubject},
    budget::{Breach, Caps, Unit, Used},
    id::{AskId, AskNo, TaskId},
    time::Timestamp,
};

fn used(tokens: u64, micros: u64) -> Used {
    Used { tokens, micros }
}

fn answered(breach: Breach, first: Caps, option: &str) -> Ask {
    Ask {
        id: AskId(uuid::Uuid::nil()),
        no: AskNo(1),
        subject: AskSubject::Task(TaskId(uuid::Uuid::nil())),
        spec: breach.ask(first),
        revision: 1,
        created_at: Timestamp(0),
        answered: Some(Answered {
            by: "cli".to_owned(),
            value: Answer::Option {
                id: option.to_owned(),
                scope: None,
            },
            at: Timestamp(1),
        }),
        closed_at: None,
        snoozed_until: None,
    }
}

#[test]
fn cap_of_zero_is_none_and_the_narrower_of_two_counts() {
    assert!(Caps::new(Some(0), Some(0)).is_empty());
    let both = Caps::new(Some(10), None).narrowest(Caps::new(Some(7), Some(3)));
    assert_eq!(both, Caps::new(Some(7), Some(3)));
}

#[test]
fn cap_that_is_reached_is_breached_and_one_below_is_not() {
    let caps = Caps::new(Some(100), Some(50));
    assert_eq!(caps.breach(used(99, 49)), None);
    let tokens = Breach::Spent {
        unit: Unit::Tokens,
        used: 100,
        cap: 100,
    };
    assert_eq!(caps.breach(used(100, 99)), Some(tokens));
    let money = Breach::Spent {
        unit: Unit::Money,
        used: 51,
        cap: 50,
    };
    assert_eq!(caps.breach(used(0, 51)), Some(money));
    assert_eq!(Caps::default().breach(used(u64::MAX, u64::MAX)), None);
}

#[test]
fn breach_asks_with_figures_and_the_answer_raises_by_the_first_cap() {
    let first = Caps::new(Some(1_000), Some(2_500_000));
    let breach = first.breach(used(1_234, 0)).expect("it is breached");
    let ask = breach.ask(first);
    assert_eq!(
        (ask.kind, ask.purpose),
        (AskKind::Budget, AskPurpose::Budget)
    );
    assert_eq!(
        ask.text,
        "The budget of this task is spent: 1,234 tokens of 1,000 tokens. Go on, or stop?"
    );
    assert_eq!(ask.options[0].label, "Go on, up to 2,234 tokens");
    let more = answered(breach, first, "more");
    assert_eq!(first.raised(&[more]).tokens, Some(2_234));
    let money = first.breach(used(0, 2_600_000)).expect("it is breached");
    assert!(money.ask(first).text.contains("$2.60 of $2.50"));
    let stopped = answered(breach, first, "stop");
    assert_eq!(first.raised(&[stopped]), first);
    let raised = first.raised(&[answered(money, first, "more")]);
    assert_eq!(raised, Caps::new(Some(1_000), Some(5_100_000)));
}

#[test]
fn what_an_agent_does_not_tell_is_asked_about_once() {
    let caps = Caps::new(Some(10), Some(10));
    assert_eq!(caps.untold(true, true), None);
    let money = caps.untold(true, false).expect("money is not told");
    assert!(
        money
            .ask(caps)
            .text
            .starts_with("This agent does not tell what its calls cost")
    );
    let lifted = caps.raised(&[answered(money, caps, "more")]);
    assert_eq!(lifted, Caps::new(Some(10), None));
    assert_eq!(lifted.untold(true, false), None);
}
