//! What a performer is told and given: the prompt with its thread and handoff, and its environment.

use super::Attempt;
use crate::{performers::Performer, words};
use ripieno_agents::{
    RunSpec,
    env::{ChildEnv, EnvPlan, TaskVars},
};
use ripieno_core::{
    ask::{Answer, Ask, AskPurpose},
    id::TaskNo,
    notes::Notes,
    time::Timestamp,
};
use ripieno_pieces::{
    handoff::{EarlierTry, Handoff, MovementDone},
    prompt::{Asking, Ending, Files, Knows, PromptParts, TaskText, TimeContext, assemble},
    schema::{AgentPart, Movement},
    step::Run,
    thread::{ThreadEntry, ThreadItem},
};
use ripieno_store::{AttemptRow, MovementRow, NewRun, Reader, StoreError};
use std::{collections::BTreeMap, path::Path};

/// Everything rows know that a prompt may need.
struct Past {
    attempts: Vec<AttemptRow>,
    movements: Vec<MovementRow>,
    thread: Vec<ThreadEntry>,
    notes: Notes,
}

impl Attempt {
    /// The message of one turn of an agent. What the session knows already is not said again.
    pub(super) async fn prompt(
        &mut self,
        movement: &Movement,
        part: &AgentPart,
        run: &Run,
        resumed: bool,
        session: Option<&str>,
    ) -> String {
        let mut past = self.past().await;
        let mut comments = self.told(session.is_some()).await;
        comments.extend(self.notice.take());
        self.prompted = Some(self.ctx.now());
        // A session that a follow-up took over knows the thread, not this task (T23).
        let own = session.is_some_and(|id| {
            past.attempts
                .iter()
                .any(|a| a.session.as_deref() == Some(id))
        });
        if session.is_some() {
            past.thread.clear();
        }
        let inputs = names(&self.dirs.inputs);
        let outputs = names(&self.dirs.outputs);
        let (inputs_dir, outputs_dir) = (
            self.dirs.inputs.display().to_string(),
            self.dirs.outputs.display().to_string(),
        );
        let handoff = self
            .handoff(&past, session.is_some())
            .filter(|_| self.n > 1 && (resumed || run.entry == 1));
        let clock = words::time_context(self.ctx.now());
        let knows = match (own, run.again || resumed) {
            (false, _) => Knows::Nothing,
            (true, true) => Knows::Movement,
            (true, false) => Knows::Task,
        };
        if let Some(handoff) = &handoff {
            self.write_handoff(&handoff.text()).await;
        }
        let asked_enough = self.has_asked_enough().await;
        let id = self.no.to_string();
        let parts = PromptParts {
            part,
            choices: movement.choices(),
            ending: Ending::Tag,
            knows,
            task: TaskText {
                id: &id,
                title: &self.row.spec.title,
                prompt: &self.row.spec.prompt,
                brief: past.notes.brief.as_deref(),
            },
            thread: &past.thread,
            handoff: handoff.as_ref(),
            files: Files {
                inputs_dir: &inputs_dir,
                inputs: &inputs,
                outputs_dir: &outputs_dir,
                outputs: &outputs,
            },
            time: TimeContext {
                utc: &clock.utc,
                local: &clock.local,
                zone: &clock.zone,
            },
            comments: &comments,
            news: run.news.as_ref(),
            asking: if asked_enough {
                Asking::LimitReached
            } else {
                Asking::Unsaid
            },
        };
        let prompt = assemble(&parts);
        if prompt.system.is_empty() || session.is_some() {
            prompt.message
        } else {
            format!("{}\n\n{}", prompt.system, prompt.message)
        }
    }

    /// The comments not told yet, and the answers the session has not been told. Without a session the answers stand
    /// in the thread as text (T24).
    async fn told(&mut self, session: bool) -> Vec<String> {
        let since = self
            .row
            .resume
            .session
            .as_ref()
            .and_then(|s| s.told)
            .unwrap_or_default();
        self.answers_are_told();
        let asks = if session {
            self.asks().await
        } else {
            Vec::new()
        };
        let mut told: Vec<String> = asks
            .iter()
            .filter(|ask| ask.spec.purpose == AskPurpose::Performer)
            .filter_map(|ask| answered_since(ask, since))
            .collect();
        told.extend(
            self.take_comments()
                .await
                .into_iter()
                .map(|comment| comment.body),
        );
        told
    }

    /// The handoff is a file of the run too (T9).
    async fn write_handoff(&self, text: &str) {
        let file = self.dirs.attempt.join("handoff.md");
        if let Err(error) = tokio::fs::write(&file, text).await {
            tracing::warn!(%error, file = %file.display(), "the handoff is not on disk");
        }
    }

    async fn past(&self) -> Past {
        let (no, thread) = (self.no, self.row.thread);
        let read = self.ctx.store.read(move |r| {
            // What a person took back does not count (R13).
            let spans = r.abandoned(no)?;
            let mut movements = r.movements(no)?;
            movements.retain(|movement| !is_abandoned(movement.started_at, &spans));
            Ok(Past {
                attempts: r.attempts(no)?,
                movements,
                thread: thread_entries(r, thread, no, &spans)?,
                notes: r.notes(no)?,
            })
        });
        read.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the past of the task cannot be read");
            Past {
                attempts: Vec::new(),
                movements: Vec::new(),
                thread: Vec::new(),
                notes: Notes::default(),
            }
        })
    }

    /// What happened before (T9), when anything that the session does not know did.
    fn handoff(&self, past: &Past, session: bool) -> Option<Handoff> {
        let earlier: Vec<&AttemptRow> = past.attempts.iter().filter(|a| a.n < self.n).collect();
        let last = earlier.last()?;
        let failed = last.class.is_some() || last.end.as_deref() == Some("lost");
        if session && !failed {
            return None;
        }
        let end = |a: &AttemptRow| {
            a.class
                .clone()
                .or_else(|| a.end.clone())
                .unwrap_or_default()
        };
        Some(Handoff {
            reason: last.text.clone().unwrap_or_else(|| end(last)),
            tries: earlier
                .iter()
                .map(|a| EarlierTry {
                    at: a.ended_at.map(words::rfc3339).unwrap_or_default(),
                    class: end(a),
                })
                .collect(),
            movements: past
                .movements
                .iter()
                .filter(|m| m.ended_at.is_some())
                .map(|m| MovementDone {
                    name: m.name.clone(),
                    text: m.summary.clone(),
                })
                .collect(),
            lessons: past.notes.lessons.clone(),
            last_output: self.tail.clone(),
        })
    }

    /// The whole environment of the performer's process (R10).
    pub(super) fn environment(&self, performer: &Performer) -> BTreeMap<String, String> {
        self.child_env(performer).vars
    }

    /// What the run's facts tell before it is started: names of variables, never values (R10).
    pub(super) fn run_facts(&self, performer: &Performer, spec: &RunSpec) -> NewRun {
        NewRun {
            slot: u32::try_from(self.slot).unwrap_or(u32::MAX),
            cwd: spec.folder.display().to_string(),
            program: String::new(),
            arguments: Vec::new(),
            passed: spec.env.keys().cloned().collect(),
            withheld: self.child_env(performer).withheld,
        }
    }

    fn child_env(&self, performer: &Performer) -> ChildEnv {
        let task = TaskVars {
            task: self.row.id.to_string(),
            attempt: self.n,
            slot: u32::try_from(self.slot).unwrap_or(u32::MAX),
            token: Some(self.token.secret().to_owned()),
            socket: self.ctx.socket.clone(),
            inputs: self.dirs.inputs.clone(),
            outputs: self.dirs.outputs.clone(),
            tmp: self.dirs.temp.clone(),
        };
        let plan = EnvPlan {
            ambient: &self.ambient.vars,
            agent: &performer.env_names(),
            named: &self.row.spec.env_names,
            given: &BTreeMap::new(),
            task: &task,
            command_folder: self.ctx.command.parent().unwrap_or_else(|| Path::new("/")),
        };
        plan.resolve()
    }
}

fn answered_since(ask: &Ask, since: Timestamp) -> Option<String> {
    ask.answered
        .as_ref()
        .filter(|answered| answered.at >= since)?;
    Some(format!(
        "You asked: {}\nThe answer: {}",
        ask.spec.text,
        said(ask)?
    ))
}

/// The answer as the person saw it: the label of the option, or the text.
fn said(ask: &Ask) -> Option<String> {
    Some(match &ask.answered.as_ref()?.value {
        // Also one that reads like the id of an option.
        Answer::Text(text) => text.clone(),
        Answer::Option { id, .. } => {
            let option = ask.spec.options.iter().find(|option| &option.id == id);
            option.map_or(id, |option| &option.label).clone()
        }
    })
}

/// The thread as a performer without a session is given it (T24): everything before this task, and its own asks.
fn thread_entries(
    r: &Reader<'_>,
    thread: TaskNo,
    this: TaskNo,
    abandoned: &[(Timestamp, Timestamp)],
) -> Result<Vec<ThreadEntry>, StoreError> {
    let mut entries = Vec::new();
    for no in r.thread(thread)? {
        let row = r.task(no)?;
        if no != this {
            entries.push((row.created_at, ThreadItem::Task(row.spec.prompt.clone())));
        }
        let counts = |at: Timestamp| no != this || !is_abandoned(at, abandoned);
        let comments = r.comments(no)?.into_iter();
        for comment in comments.filter(|c| c.taken.is_some() && counts(c.at)) {
            entries.push((comment.at, ThreadItem::Comment(comment.body)));
        }
        for ask in r.asks_of(no)?.into_iter().filter(|a| counts(a.created_at)) {
            let answer = said(&ask);
            entries.push((
                ask.created_at,
                ThreadItem::Question {
                    text: ask.spec.text.clone(),
                    answer,
                },
            ));
        }
        if no != this
            && let Some(receipt) = r.receipt(no)?
        {
            let result = ThreadItem::Result {
                piece: row.spec.piece.name.clone(),
                text: receipt.receipt.summary,
            };
            entries.push((receipt.at, result));
        }
    }
    entries.sort_by_key(|(at, _)| *at);
    Ok(entries
        .into_iter()
        .map(|(at, what)| ThreadEntry {
            at: words::rfc3339(at),
            what,
        })
        .collect())
}

fn is_abandoned(at: Timestamp, spans: &[(Timestamp, Timestamp)]) -> bool {
    spans.iter().any(|(from, to)| *from <= at && at < *to)
}

/// The names of the files in a folder, sorted; none when it cannot be read.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use ripieno_core::{
        ask::{Answered, AskOption, AskSpec, AskSubject},
        id::{AskId, AskNo},
    };

    #[test]
    fn text_that_reads_like_an_option_is_told_as_it_was_written() {
        let told = |value| {
            let options = [("1", "4"), ("2", "8")];
            let ask = Ask {
                id: AskId(uuid::Uuid::nil()),
                no: AskNo(1),
                subject: AskSubject::Worker,
                spec: AskSpec {
                    options: options.map(|(id, label)| AskOption::new(id, label)).into(),
                    ..AskSpec::question("How many?")
                },
                revision: 1,
                created_at: Timestamp(1),
                answered: Some(Answered {
                    by: "cli".to_owned(),
                    value,
                    at: Timestamp(2),
                }),
                closed_at: None,
                snoozed_until: None,
            };
            said(&ask)
        };
        let option = Answer::Option {
            id: "2".to_owned(),
            scope: None,
        };
        assert_eq!(told(option).as_deref(), Some("8"));
        assert_eq!(told(Answer::Text("2".to_owned())).as_deref(), Some("2"));
    }
}
