//! Claude Code's side of a conversation: its lines go to the reader, its requests to the desk.

use super::{
    control,
    desk::{Desk, Move},
    reader::{Reader, Signal},
};
use crate::{
    dialogue::{Background, Dialogue, Ending, Step, policy::Policy},
    stream::{Item, Outcome, Usage},
};
use ripieno_core::{ask::Answer, time::Timestamp};

/// One conversation with the program.
pub(super) struct Conversation {
    /// What it is told first.
    prompt: String,
    reader: Reader,
    desk: Desk,
}

impl Conversation {
    pub(super) fn new(prompt: &str, policy: Policy) -> Self {
        Conversation {
            prompt: prompt.to_owned(),
            reader: Reader::default(),
            desk: Desk::new(policy),
        }
    }

    fn steps(&mut self, signals: Vec<Signal>) -> Vec<Step> {
        let mut steps = Vec::with_capacity(signals.len());
        for signal in signals {
            match signal {
                Signal::Bound(id) => steps.push(Step::Bound(id)),
                Signal::TurnStarted => steps.push(Step::TurnStarted),
                Signal::Item(item) => steps.push(Step::Item(item)),
                Signal::Delta { text, thinking } => steps.push(Step::Delta { text, thinking }),
                Signal::Asked { id, request } => {
                    steps.extend(self.desk.request(&id, *request).into_iter().map(step));
                }
                Signal::Withdrawn(id) => {
                    steps.extend(self.desk.withdraw(&id).into_iter().map(step));
                }
                Signal::Replied(offer) => steps.extend(offer.map(Step::Offers)),
                Signal::TurnEnded => steps.push(Step::TurnEnded),
                Signal::Hopeless => steps.push(Step::Hopeless),
            }
        }
        steps
    }
}

impl Dialogue for Conversation {
    fn open(&mut self) -> Vec<Vec<u8>> {
        vec![control::initialize(), control::user(&self.prompt)]
    }

    fn line(&mut self, line: &[u8], now: Timestamp) -> Vec<Step> {
        let signals = self.reader.read(line, now);
        self.steps(signals)
    }

    fn cut(&mut self, head: &[u8], bytes: u64) -> Vec<Step> {
        let signals = self.reader.read_cut(head, bytes);
        self.steps(signals)
    }

    fn answer(&mut self, key: &str, answer: &Answer) -> Vec<Step> {
        self.desk
            .answer(key, answer)
            .into_iter()
            .map(step)
            .collect()
    }

    fn prompt(&mut self, text: &str) -> Vec<u8> {
        self.reader.in_turn = true;
        control::user(text)
    }

    fn cancel(&mut self) -> Vec<Vec<u8>> {
        vec![control::interrupt()]
    }

    fn open_asks(&self) -> usize {
        self.desk.open()
    }

    fn tool_in_flight(&self) -> bool {
        self.reader.tool_in_flight()
    }

    fn between_turns(&self) -> bool {
        self.reader.result.is_some() && !self.reader.in_turn
    }

    fn turn_failed(&self) -> bool {
        self.reader
            .result
            .as_ref()
            .is_some_and(|result| result.is_error)
    }

    fn background(&self) -> Background {
        if self.reader.agents > 0 {
            Background::Working
        } else if self.reader.idle_since_agents() {
            Background::Ended
        } else {
            Background::None
        }
    }

    fn late_usage(&mut self) -> Vec<Usage> {
        self.reader.tally.report()
    }

    fn conclude(&self, ending: &Ending) -> Outcome {
        self.reader.conclude(ending)
    }
}

fn step(step: Move) -> Step {
    match step {
        Move::Write(line) => Step::Write(line),
        Move::Note(text) => Step::Item(Item::Status { text }),
        Move::Withdraw(key) => Step::Withdraw(key),
        Move::Ask(raised) => Step::Ask(raised),
    }
}
