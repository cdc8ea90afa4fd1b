//! The teardown of a project for a task that ended while none of its attempts was at work: cancelled while it waited or
//! rested, or given up after its last try (D1). What the task holds is given back afterwards.

use crate::{
    ctx::Ctx,
    floor::FolderUse,
    reactor,
    task::{self, CLEAN_UP},
};
use ripieno_agents::{
    Access, Approvals, Control, Limits, Run, RunSpec, Session, Work,
    env::{EnvPlan, TaskVars},
    stream::{Item, RunEvent, Verdict},
    transcript::{Reader as Entries, Transcript, TranscriptSpec},
};
use ripieno_core::id::TaskNo;
use ripieno_store::{StoreError, TaskRow};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How soon a folder that somebody else has, or a store that refused, is tried again, when nothing is heard before.
const AGAIN: Duration = Duration::from_secs(5);
/// The name of the script in logs and files.
const NAME: &str = "teardown";

/// Whether something is still to be torn down for a task.
///
/// # Errors
/// When the store refuses.
pub(crate) async fn is_due(ctx: &Ctx, no: TaskNo) -> Result<bool, StoreError> {
    let row = ctx.store.read(move |r| r.teardown(no)).await?;
    Ok(row.is_some_and(|row| row.due))
}

/// Runs the teardown of an ended task, soon and in the background; then what it holds is given back.
pub(crate) fn run_later(ctx: &Ctx, no: TaskNo) {
    let later = ctx.clone();
    ctx.tracker.spawn(async move {
        loop {
            match run(&later, no).await {
                Ok(true) => return reactor::give_back(&later, no).await,
                // The worker stops, or somebody works on it again: then it is theirs.
                Ok(false) => return,
                Err(error) => tracing::warn!(%no, %error, "its teardown is looked at again"),
            }
            tokio::select! {
                () = later.stop.cancelled() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    });
}

/// Whether nothing is due any more.
async fn run(ctx: &Ctx, no: TaskNo) -> Result<bool, StoreError> {
    let _turn = ctx.teardowns.take(no).await;
    let read = ctx.store.read(move |r| {
        let set_up = r.teardown(no)?.filter(|set_up| set_up.due);
        Ok((r.task(no)?, set_up))
    });
    let (row, set_up) = read.await?;
    let Some(set_up) = set_up else {
        return Ok(true);
    };
    let Some(_use) = enter(ctx, &row).await else {
        return Ok(false);
    };
    let Some(_errand) = ctx.errand().await else {
        return Ok(false);
    };
    let lock = ctx.floor.lock_row(no, &ctx.owner);
    let begun = ctx.store.write(move |tx| {
        // It may have been taken up again while its folder was waited for.
        let ended = tx.task(no)?.task.state.is_terminal();
        let begun = ended && tx.teardown_begun(no)?;
        if let Some(lock) = lock.filter(|_| begun) {
            tx.put_lock(&lock)?;
        }
        Ok((ended, begun))
    });
    let (ended, begun) = begun.await?;
    if !begun {
        return Ok(ended);
    }
    ripieno_store::crash::point("daemon.teardown.begun");
    let dir = row.spec.dir.as_deref().map(Path::new);
    let script = dir.and_then(|dir| ctx.floor.projects().policy_of(dir).teardown);
    let failed = match script {
        Some(script) => carry_out(ctx, &row, PathBuf::from(set_up.folder), script).await,
        None => Ok(()),
    };
    let over = ctx.store.write(move |tx| {
        if let Err(why) = failed {
            tx.warn(no, &format!("the project's teardown script failed: {why}"))?;
        }
        // Taken up again meanwhile, it has the folder for its next attempt.
        if tx.task(no)?.task.state.is_terminal() {
            tx.drop_locks_of(no)?;
        }
        Ok(())
    });
    over.await?;
    Ok(true)
}

/// Waits until the task has the folder it works in; nothing when the worker stops before. Without one of the person's
/// there is nothing to wait for.
async fn enter(ctx: &Ctx, row: &TaskRow) -> Option<Option<FolderUse>> {
    let Some(folder) = row.folder.as_deref().map(Path::new) else {
        return Some(None);
    };
    loop {
        // Made before the look: they hear of what is given back between the two.
        let mut feed = ctx.store.subscribe();
        let left = ctx.live_changed.notified();
        match ctx.floor.hold_folder(row.root, folder) {
            Ok(used) => return Some(used),
            Err(holder) => {
                tracing::debug!(task = %row.no, holder = holder.holder, "its teardown waits for the folder");
            }
        }
        tokio::select! {
            () = ctx.stop.cancelled() => return None,
            () = tokio::time::sleep(AGAIN) => {}
            () = left => {}
            heard = feed.recv() => {
                if heard.is_err() {
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

/// Runs the script as the last attempt of the task would have.
async fn carry_out(ctx: &Ctx, row: &TaskRow, folder: PathBuf, text: String) -> Result<(), String> {
    if !folder.is_dir() {
        return Err(format!("{} does not exist any more", folder.display()));
    }
    let shell = ctx.performer("shell");
    let shell = shell.ok_or("this system has no `sh`: install a POSIX shell")?;
    let log = Log::open(ctx, row).await?;
    log.say(ctx, format!("{NAME}: {text}")).await;
    let settings = ctx.settings();
    let attempt = log.folder.clone();
    let spec = RunSpec {
        work: Work::Script {
            text,
            file: attempt.join(format!("project-{NAME}.sh")),
        },
        folder,
        env: environment(ctx, row, &attempt, &shell.env_names()).await,
        session: Session::New(ctx.random.uuid(ctx.now())),
        model: None,
        effort: None,
        approvals: Approvals::Trusted,
        access: Access::Full,
        limits: Limits {
            idle: None,
            tool: None,
            working: Some(CLEAN_UP),
            grace: settings.stop_grace,
        },
        raw_log: attempt.join("raw.log"),
        spill: attempt.join("spill"),
        title: row.spec.title.clone(),
        most_micros: None,
        tools: None,
    };
    let run = shell.start(spec).await.map_err(|failure| failure.text)?;
    let verdict = listen(ctx, run, &log).await;
    log.finish().await;
    match verdict {
        Verdict::Completed {
            exit: Some(0) | None,
            ..
        } => Ok(()),
        Verdict::Completed {
            exit: Some(code),
            text,
        } => Err(format!(
            "it ended with exit code {code}: {}",
            text.trim_end()
        )),
        Verdict::Stopped => Err("the worker was stopped while it ran".to_owned()),
        Verdict::Failed(failure) => Err(failure.text),
    }
}

/// Follows a run to its end; ends it when the worker stops.
async fn listen(ctx: &Ctx, run: Run, log: &Log) -> Verdict {
    let Run {
        mut events,
        control,
        ..
    } = run;
    let mut stops = false;
    loop {
        let event = tokio::select! {
            () = ctx.stop.cancelled(), if !stops => {
                stops = true;
                // A closed channel means that it has ended.
                drop(control.send(Control::Stop).await);
                continue;
            }
            event = events.recv() => event,
        };
        match event {
            Some(RunEvent::Item(item)) => log.append(ctx, item).await,
            Some(RunEvent::Ended(outcome)) => return outcome.verdict,
            Some(_) => {}
            None => return Verdict::Stopped,
        }
    }
}

async fn environment(
    ctx: &Ctx,
    row: &TaskRow,
    attempt: &Path,
    agent: &[&str],
) -> BTreeMap<String, String> {
    let id = row.id.to_string();
    let vars = TaskVars {
        task: id.clone(),
        attempt: row.task.attempt,
        slot: 0,
        // It has ended: it has no say any more.
        token: None,
        socket: ctx.socket.clone(),
        inputs: ctx.home.task_inputs(&id),
        outputs: ctx.home.task_outputs(&id),
        tmp: attempt.join("tmp"),
    };
    let ambient = ctx.resolved_environment().await;
    let plan = EnvPlan {
        ambient: &ambient.vars,
        agent,
        named: &row.spec.env_names,
        given: &BTreeMap::new(),
        task: &vars,
        command_folder: ctx.command.parent().unwrap_or_else(|| Path::new("/")),
    };
    plan.resolve().vars
}

/// The log of the task's last attempt, opened again.
struct Log {
    folder: PathBuf,
    transcript: Transcript,
}

impl Log {
    async fn open(ctx: &Ctx, row: &TaskRow) -> Result<Self, String> {
        let (home, id, n) = (ctx.home.clone(), row.id.to_string(), row.task.attempt);
        let folder = home.attempt_dir(&id, n);
        let at = folder.clone();
        let last = tokio::task::spawn_blocking(move || {
            for name in ["tmp", "spill"] {
                std::fs::create_dir_all(at.join(name))?;
            }
            std::fs::create_dir_all(home.task_outputs(&id))?;
            Entries::new(task::attempts_dir(&home, &id)).last()
        });
        let last = last.await.map_err(|broken| broken.to_string())?;
        let last = last.map_err(|error| format!("its log cannot be read: {error}"))?;
        let file = folder.join("transcript.jsonl");
        let spec = TranscriptSpec::new(file, folder.join("spill"), n, last + 1);
        let opened = Transcript::open(spec, tokio::sync::watch::Sender::new(0)).await;
        let transcript = opened.map_err(|error| error.to_string())?;
        Ok(Log { folder, transcript })
    }

    async fn append(&self, ctx: &Ctx, item: Item) {
        let movement = Arc::from("");
        let append = self.transcript.append(ctx.now(), &movement, item);
        if let Err(error) = append.await {
            tracing::warn!(%error, "an entry is not in the transcript");
        }
    }

    async fn say(&self, ctx: &Ctx, text: String) {
        self.append(ctx, Item::Status { text }).await;
    }

    async fn finish(self) {
        if let Err(error) = self.transcript.finish().await {
            tracing::warn!(%error, "the transcript is not complete");
        }
    }
}
