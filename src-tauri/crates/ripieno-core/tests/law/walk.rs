//! Random walks and the whole graph: the invariants of architecture 1.4 hold wherever a task can get.

use proptest::prelude::*;
use ripieno_core::{
    apply::{Refused, Transition, apply},
    ask::AskKind,
    coverage::{Edge, every_event, every_policy, legal_edges},
    effect::Effect,
    event::{Settlement, TaskEvent},
    retry::RetryPolicy,
    state::{LeaseToken, Priority, QueueReason, StateKind, TaskState, WaitOn, Wish},
    task::{Policy, Task},
    time::Timestamp,
};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Duration;

/// A task with what stands beside it in the rows: its open asks and its open children.
struct Model {
    task: Task,
    policy: Policy,
    now: Timestamp,
    asks: u32,
    /// Whether one of the open asks is a review: only then work is accepted or sent back.
    review: bool,
    children: u32,
    tokens: i64,
}

/// One thing that happens in the model.
#[derive(Clone, Debug)]
enum Happening {
    /// The event of that number, with the right lease.
    Told(usize),
    /// The event of that number, from a lease that is over.
    ToldLate(usize),
    /// A live task spawns a child.
    Spawned,
    /// A child ends.
    ChildEnded,
    /// Time passes, in milliseconds.
    Passed(u32),
}

impl Model {
    fn new(policy: Policy, unmet: bool) -> Self {
        Model {
            task: Task::submitted(Timestamp(0), Priority::Normal, None, unmet),
            policy,
            now: Timestamp(0),
            asks: 0,
            review: false,
            children: 0,
            tokens: 0,
        }
    }

    /// Whether the rows allow the event to be told: nothing settles asks that are not there.
    fn allows(&self, event: &TaskEvent) -> bool {
        match event {
            TaskEvent::AsksSettled(
                Settlement::Accepted | Settlement::ChangesRequested | Settlement::Discarded,
            ) => self.review,
            TaskEvent::AsksSettled(_) => self.asks > 0,
            TaskEvent::SubtasksSettled => self.children == 0,
            TaskEvent::SubtasksAwaited { open } => *open == self.children,
            TaskEvent::Completed { open_children, .. } => *open_children == self.children,
            TaskEvent::Verified { .. } => self.children == 0,
            _ => true,
        }
    }

    /// The sample's event with the number of children that there are.
    fn event(&self, number: usize) -> TaskEvent {
        let events = every_event(LeaseToken(self.tokens + 1));
        match events[number % events.len()].clone() {
            TaskEvent::SubtasksAwaited { .. } => TaskEvent::SubtasksAwaited {
                open: self.children,
            },
            TaskEvent::Completed { to_verify, .. } => TaskEvent::Completed {
                to_verify,
                open_children: self.children,
            },
            other => other,
        }
    }

    fn happen(&mut self, what: &Happening) -> Result<(), TestCaseError> {
        match what {
            Happening::Passed(ms) => {
                self.now = self.now.after(Duration::from_millis(u64::from(*ms)));
            }
            Happening::Spawned if self.task.state.kind() == StateKind::Running => {
                self.children += 1;
            }
            Happening::Spawned => {}
            Happening::ChildEnded => self.children = self.children.saturating_sub(1),
            Happening::ToldLate(number) => {
                let event = self.event(*number);
                if event.kind().is_fenced() {
                    let late = Some(LeaseToken(-1));
                    let told = apply(&self.task, &event, late, self.now, &self.policy);
                    prop_assert!(matches!(told, Err(Refused::StaleLease { .. })), "{told:?}");
                }
            }
            Happening::Told(number) => {
                let event = self.event(*number);
                if self.allows(&event) {
                    let fence = self.task.state.lease().map(|l| l.token);
                    let told = apply(&self.task, &event, fence, self.now, &self.policy);
                    if let Ok(taken) = told {
                        self.commit(&event, taken)?;
                    }
                }
            }
        }
        self.check()
    }

    fn commit(&mut self, event: &TaskEvent, taken: Transition) -> Result<(), TestCaseError> {
        let before = std::mem::replace(&mut self.task, taken.next);
        match event {
            TaskEvent::Asked { .. } => self.asks += 1,
            TaskEvent::AsksSettled(_) => self.asks = 0,
            TaskEvent::Claimed { .. } => self.tokens += 1,
            _ => {}
        }
        for effect in &taken.effects {
            match effect {
                Effect::OpenAsk { kind, .. } => {
                    self.asks += 1;
                    self.review |= *kind == AskKind::Review;
                }
                Effect::CloseAsks => self.asks = 0,
                Effect::CascadeCancel => self.children = 0,
                _ => {}
            }
        }
        self.review &= self.asks > 0;
        wish_lives_with_its_attempt(&before, &self.task)?;
        attempts_are_opened_and_ended(&before, &self.task, &taken.effects)?;
        tries_are_used_by_retries_alone(&before, event, &self.task)
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let task = &self.task;
        let kind = task.state.kind();
        let live = task.state.lease().is_some();
        match kind {
            StateKind::Leased | StateKind::Running | StateKind::NeedsVerification => {
                prop_assert!(live);
            }
            StateKind::NeedsInput => {}
            _ => prop_assert!(!live),
        }
        let asked = kind == StateKind::NeedsInput && task.wish != Some(Wish::Cancel);
        prop_assert!(!asked || self.asks > 0, "needs input and nothing is asked");
        prop_assert!(
            self.asks == 0 || kind == StateKind::NeedsInput,
            "asked in {kind:?}"
        );
        prop_assert!(task.tries_used <= self.policy.retry.max_tries);
        prop_assert!(kind == StateKind::Dead || task.tries_used < self.policy.retry.max_tries);
        prop_assert_eq!(kind.is_terminal(), task.finished_at.is_some());
        prop_assert!(task.wish.is_none() || live, "a wish without an attempt");
        prop_assert!(
            !(task.paused && live) || task.wish.is_some(),
            "marked, live, no wish"
        );
        prop_assert!(!(kind.is_terminal() && task.paused));
        prop_assert!(
            kind != StateKind::Done || self.children == 0,
            "done before its children"
        );
        prop_assert!(!task.receipt_kept || !kind.is_terminal());
        prop_assert!(task.rework == 0 || live);
        Ok(())
    }
}

/// A wish is never forgotten while its attempt lives, and never outlives it; a cancel is final.
fn wish_lives_with_its_attempt(before: &Task, after: &Task) -> Result<(), TestCaseError> {
    let same_attempt =
        before.state.lease().is_some() && before.state.lease() == after.state.lease();
    if same_attempt {
        prop_assert!(before.wish.is_none() || after.wish.is_some(), "forgotten");
    } else {
        prop_assert!(after.wish.is_none(), "outlived");
    }
    if before.wish == Some(Wish::Cancel) {
        if same_attempt {
            prop_assert_eq!(after.wish, Some(Wish::Cancel));
            prop_assert_eq!(before.state.kind(), after.state.kind());
        } else {
            prop_assert_eq!(after.state.kind(), StateKind::Cancelled);
        }
    }
    Ok(())
}

/// Every lease that comes opens an attempt, every lease that goes ends one, exactly once.
fn attempts_are_opened_and_ended(
    before: &Task,
    after: &Task,
    effects: &[Effect],
) -> Result<(), TestCaseError> {
    let count = |of: fn(&Effect) -> bool| effects.iter().filter(|e| of(e)).count();
    let opened = count(|e| matches!(e, Effect::OpenAttempt));
    let ended = count(|e| matches!(e, Effect::EndAttempt(_)));
    let (had, has) = (
        before.state.lease().is_some(),
        after.state.lease().is_some(),
    );
    prop_assert_eq!(opened, usize::from(!had && has));
    prop_assert_eq!(ended, usize::from(had && !has));
    prop_assert_eq!(
        after.attempt,
        before.attempt + u32::try_from(opened).unwrap()
    );
    Ok(())
}

fn tries_are_used_by_retries_alone(
    before: &Task,
    event: &TaskEvent,
    after: &Task,
) -> Result<(), TestCaseError> {
    match event {
        TaskEvent::AttemptFailed { .. } => {
            prop_assert!(after.tries_used - before.tries_used <= 1);
        }
        TaskEvent::Reopened { .. } | TaskEvent::Rewound => {
            prop_assert!(after.tries_used == 0 || after.tries_used == before.tries_used);
        }
        _ => prop_assert_eq!(after.tries_used, before.tries_used),
    }
    Ok(())
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        40 => any::<usize>().prop_map(Happening::Told),
        2 => any::<usize>().prop_map(Happening::ToldLate),
        2 => Just(Happening::Spawned),
        2 => Just(Happening::ChildEnded),
        4 => (0..120_000_u32).prop_map(Happening::Passed),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_wherever_a_task_walks(
        rules in 0..12_usize,
        max_tries in 1..4_u32,
        unmet in any::<bool>(),
        steps in prop::collection::vec(happening(), 1..400),
    ) {
        let mut policy = every_policy()[rules].clone();
        policy.retry.max_tries = max_tries;
        let mut model = Model::new(policy, unmet);
        for step in &steps {
            model.happen(step)?;
        }
    }
}

/// What the machine reads of a task: the counters it only passes on are put aside.
fn essence(task: &Task) -> Task {
    let mut task = task.clone();
    task.attempt = task.attempt.min(1);
    task.rank = 0;
    task.finished_at = task.finished_at.map(|_| Timestamp(0));
    match &mut task.state {
        TaskState::Queued { reason, not_before } => {
            *reason = QueueReason::Fresh;
            *not_before = None;
        }
        TaskState::Failed { class } | TaskState::Dead { class } => {
            *class = ripieno_core::failure::Class::Unknown;
        }
        _ => {}
    }
    task
}

/// What can be reached: the tasks by their text, the edges, and which task leads to which.
type Graph = (HashMap<String, Task>, BTreeSet<Edge>, Vec<(String, String)>);

/// Everything that can be reached from a submission under a policy, breadth first.
fn explore(policy: &Policy) -> Graph {
    let mut seen = HashMap::new();
    let mut edges = BTreeSet::new();
    let mut moves = Vec::new();
    let mut open: VecDeque<Task> = [false, true]
        .map(|unmet| {
            essence(&Task::submitted(
                Timestamp(0),
                Priority::Normal,
                None,
                unmet,
            ))
        })
        .into();
    let events = every_event(LeaseToken(1));
    let key = |task: &Task| format!("{task:?}");
    for task in &open {
        seen.insert(key(task), task.clone());
    }
    while let Some(task) = open.pop_front() {
        let from = key(&task);
        let fence = task.state.lease().map(|l| l.token);
        for event in &events {
            let Ok(taken) = apply(&task, event, fence, Timestamp(0), policy) else {
                continue;
            };
            let next = essence(&taken.next);
            edges.insert(Edge {
                from: task.state.kind(),
                event: event.kind(),
                to: next.state.kind(),
            });
            let to = key(&next);
            moves.push((from.clone(), to.clone()));
            if seen.insert(to, next.clone()).is_none() {
                open.push_back(next);
            }
        }
    }
    (seen, edges, moves)
}

#[test]
fn every_state_is_reached_every_edge_is_known_and_every_task_can_end() {
    let mut edges = BTreeSet::new();
    for rules in every_policy() {
        let retry = RetryPolicy {
            max_tries: 2,
            ..RetryPolicy::default()
        };
        let (seen, found, moves) = explore(&Policy { retry, ..rules });
        edges.extend(found);
        let mut can_end: HashSet<&str> = seen
            .iter()
            .filter(|(_, t)| t.state.is_terminal())
            .map(|(k, _)| k.as_str())
            .collect();
        let mut back: HashMap<&str, Vec<&str>> = HashMap::new();
        for (from, to) in &moves {
            back.entry(to).or_default().push(from);
        }
        let mut open: Vec<&str> = can_end.iter().copied().collect();
        while let Some(at) = open.pop() {
            for from in back.get(at).into_iter().flatten() {
                if can_end.insert(from) {
                    open.push(from);
                }
            }
        }
        assert_eq!(can_end.len(), seen.len(), "a task that can never end");
    }
    let reached: BTreeSet<StateKind> = edges.iter().flat_map(|e: &Edge| [e.from, e.to]).collect();
    assert_eq!(reached, BTreeSet::from(StateKind::ALL));
    assert_eq!(
        edges,
        legal_edges(),
        "the enumeration and the graph disagree"
    );
}

#[test]
fn a_submission_waits_only_for_what_is_not_done() {
    let unmet = Task::submitted(Timestamp(0), Priority::High, None, true);
    assert_eq!(
        unmet.state,
        TaskState::Waiting {
            on: WaitOn::Dependencies
        }
    );
    let free = Task::submitted(Timestamp(0), Priority::High, None, false);
    assert_eq!(free.shown(), "queued");
    assert_eq!(free.finished_at, None);
}
