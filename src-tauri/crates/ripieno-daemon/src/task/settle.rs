//! The end of an attempt: one report, and what it says about the lane, in one commit.

use super::{Attempt, End};
use crate::{ctx::Ctx, lanes};
use ripieno_core::{
    event::{TaskEvent, YieldReason},
    failure::{Class, Failure},
    id::TaskNo,
    lane::LaneId,
    receipt::Receipt,
    state::{LeaseToken, StateKind},
};
use ripieno_store::{Extra, StoreError};
use std::time::Duration;

/// How much of a failure's text is kept.
const TEXT_LIMIT: usize = 4_000;

impl Attempt {
    /// Reports the end. Output is on disk before its end is on record.
    pub(super) async fn settle(mut self, end: End) {
        self.remove_skills().await;
        let end = self.commit_worktree(end).await;
        self.remember_end(&end).await;
        if let Err(error) = self.transcript.finish().await {
            tracing::warn!(%error, "the transcript is not complete");
        }
        ripieno_store::crash::point("daemon.exit.before_report");
        report(
            &self.ctx,
            self.no,
            self.fence,
            &self.lane,
            self.had_output,
            end,
        )
        .await;
        ripieno_store::crash::point("daemon.report.after_mark");
    }
}

/// Reports the end of an attempt that could not be prepared.
pub(super) async fn settle_unprepared(
    ctx: &Ctx,
    no: TaskNo,
    fence: LeaseToken,
    lane: &LaneId,
    end: End,
) {
    report(ctx, no, fence, lane, false, end).await;
}

/// The longest pause between two tries to put an end on record.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

async fn report(
    ctx: &Ctx,
    no: TaskNo,
    fence: LeaseToken,
    lane: &LaneId,
    had_output: bool,
    end: End,
) {
    let mut pause = Duration::from_millis(200);
    loop {
        match record(ctx, no, fence, lane, had_output, end.clone()).await {
            Ok(()) => return,
            Err(StoreError::Refused { source, .. }) => {
                // Stale: somebody else ended the lease. Anything else is settled by the lost lease below.
                tracing::debug!(%source, "the end of the attempt was refused");
                return give_up(ctx, no, fence).await;
            }
            // The lease is kept, and with it the truth, until the disk takes a report again (C6).
            Err(error @ StoreError::Disk { .. }) => {
                tracing::error!(%error, "the end of the attempt could not be put on record; trying until it can");
                lanes::disk_trouble(ctx, &error);
                tokio::select! {
                    () = ctx.stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(error) => {
                tracing::error!(%error, "the end of the attempt cannot be put on record: it is run again");
                return give_up(ctx, no, fence).await;
            }
        }
    }
}

async fn record(
    ctx: &Ctx,
    no: TaskNo,
    fence: LeaseToken,
    lane: &LaneId,
    had_output: bool,
    end: End,
) -> Result<(), StoreError> {
    match end {
        End::Completed(receipt) => completed(ctx, no, fence, lane, *receipt).await,
        End::Failed(failure) => failed(ctx, no, fence, lane, had_output, failure).await,
        End::Yielded(reason) => yielded(ctx, no, fence, reason).await,
        End::Stopped => event(ctx, no, fence, TaskEvent::Stopped).await,
        End::Waiting => waiting(ctx, no, fence).await,
        End::Stale => Ok(()),
    }
}

/// A lease that is still ours and cannot be settled otherwise is given back.
async fn give_up(ctx: &Ctx, no: TaskNo, fence: LeaseToken) {
    let lost = TaskEvent::LeaseLost {
        crash: false,
        progress: true,
    };
    for attempt in [TaskEvent::WindowClosed, TaskEvent::Stopped, lost] {
        if event(ctx, no, fence, attempt).await.is_ok() {
            return;
        }
    }
}

async fn event(
    ctx: &Ctx,
    no: TaskNo,
    fence: LeaseToken,
    event: TaskEvent,
) -> Result<(), StoreError> {
    let write = ctx
        .store
        .write(move |tx| tx.transition(no, &event, Some(fence), Extra::default()));
    write.await.map(|_| ())
}

async fn completed(
    ctx: &Ctx,
    no: TaskNo,
    fence: LeaseToken,
    lane: &LaneId,
    receipt: Receipt,
) -> Result<(), StoreError> {
    let (lane, floor) = (lane.clone(), ctx.floor.clone());
    let write = ctx.store.write(move |tx| {
        tx.put_receipt(no, fence, &receipt)?;
        // Verification comes with its own issue: nothing is to be checked yet.
        let event = TaskEvent::Completed {
            to_verify: false,
            open_children: 0,
        };
        tx.transition(no, &event, Some(fence), Extra::default())?;
        lanes::succeeded(tx, &floor, &lane)
    });
    write.await
}

async fn failed(
    ctx: &Ctx,
    no: TaskNo,
    fence: LeaseToken,
    lane: &LaneId,
    had_output: bool,
    failure: Failure,
) -> Result<(), StoreError> {
    tracing::info!(class = failure.class.name(), "the attempt failed");
    let jitter = ctx.random.permille();
    let (lane, floor) = (lane.clone(), ctx.floor.clone());
    if failure.class == Class::DiskFull {
        lanes::disk_full(ctx);
    }
    let text: String = failure.text.chars().take(TEXT_LIMIT).collect();
    let write = ctx.store.write(move |tx| {
        let event = TaskEvent::AttemptFailed {
            class: failure.class.clone(),
            jitter,
        };
        let extra = Extra {
            failure_text: Some(text.clone()),
            data: None,
        };
        tx.transition(no, &event, Some(fence), extra)?;
        lanes::failed(tx, &floor, &lane, &failure.class, &text, had_output)
    });
    write.await
}

/// What is interrupted while its asks are open keeps them, without the lease (H3).
async fn yielded(
    ctx: &Ctx,
    no: TaskNo,
    fence: LeaseToken,
    reason: YieldReason,
) -> Result<(), StoreError> {
    let write = ctx.store.write(move |tx| {
        let open = tx.task(no)?.task.state.kind() == StateKind::NeedsInput;
        let event = if open {
            TaskEvent::WindowClosed
        } else {
            TaskEvent::Yielded(reason)
        };
        tx.transition(no, &event, Some(fence), Extra::default())
            .map(|_| ())
    });
    write.await
}

/// The asks stay open; the lease is given back if it was kept for them.
async fn waiting(ctx: &Ctx, no: TaskNo, fence: LeaseToken) -> Result<(), StoreError> {
    let write = ctx.store.write(move |tx| {
        let state = tx.task(no)?.task.state;
        match (state.kind(), state.lease().map(|l| l.token)) {
            (StateKind::NeedsInput, Some(token)) if token == fence => tx
                .transition(no, &TaskEvent::WindowClosed, Some(fence), Extra::default())
                .map(|_| ()),
            // Answered in the last moment: the work is taken up again from the queue.
            (StateKind::Running, Some(token)) if token == fence => {
                let event = TaskEvent::Yielded(YieldReason::Held);
                tx.transition(no, &event, Some(fence), Extra::default())
                    .map(|_| ())
            }
            _ => Ok(()),
        }
    });
    write.await
}
