//! The choice of a lane, and what a lane itself has against a start (S5, S6, S7, S9, S11).

use super::{Hold, LaneChoice, World};
use crate::lane::LaneId;

/// The lane a task would run in now (S7): its own, or among the automatic ones that are open the one with the
/// fewest active tasks, ties by the user's order.
///
/// # Errors
/// The hold of the lane; of several the one that ends first.
pub fn choose_lane(choice: &LaneChoice, world: &(impl World + ?Sized)) -> Result<LaneId, Hold> {
    let lanes = match choice {
        LaneChoice::Fixed(lane) => vec![lane.clone()],
        LaneChoice::Any => world.automatic_lanes(),
    };
    let mut best: Option<(u32, LaneId)> = None;
    let mut held: Option<Hold> = None;
    for lane in lanes {
        match lane_hold(&lane, world) {
            Ok(used) if best.as_ref().is_none_or(|(least, _)| used < *least) => {
                best = Some((used, lane))
            }
            Ok(_) => {}
            Err(hold) if held.as_ref().is_none_or(|h| ends(&hold) < ends(h)) => held = Some(hold),
            Err(_) => {}
        }
    }
    match (best, held) {
        (Some((_, lane)), _) => Ok(lane),
        (None, Some(hold)) => Err(hold),
        (None, None) => Err(Hold::NoRuntime {
            what: "any agent".to_owned(),
        }),
    }
}

/// When a hold ends, for comparing; those without a known end last.
fn ends(hold: &Hold) -> (u8, i64) {
    match hold {
        Hold::LaneFull { .. } => (0, 0),
        Hold::LaneHold { until, .. } => (1, until.0),
        Hold::EndpointDown { .. } | Hold::Offline { .. } => (2, 0),
        Hold::NotBefore { .. }
        | Hold::Thread { .. }
        | Hold::Slots { .. }
        | Hold::PieceFull { .. }
        | Hold::ProjectFull { .. }
        | Hold::LaneSignedOut { .. }
        | Hold::LaneDrained { .. }
        | Hold::Budget { .. }
        | Hold::Directory { .. }
        | Hold::Untrusted { .. }
        | Hold::Paused { .. }
        | Hold::Updating
        | Hold::OutsideSchedule { .. }
        | Hold::NoRuntime { .. }
        | Hold::ModelUnavailable { .. }
        | Hold::NotConfigured { .. }
        | Hold::VaultLocked
        | Hold::DiskSpace { .. }
        | Hold::Starting
        | Hold::Stopping
        | Hold::Dependency { .. }
        | Hold::Subtasks { .. }
        | Hold::Ask { .. } => (3, 0),
    }
}

/// The lane's own hold, or how many of its slots are in use.
fn lane_hold(id: &LaneId, world: &(impl World + ?Sized)) -> Result<u32, Hold> {
    let (lane, used, limit) = world.lane(id);
    if let Some((_, what)) = lane.missing {
        return Err(Hold::NotConfigured { what });
    }
    if lane.signed_out {
        return Err(Hold::LaneSignedOut { lane: lane.id });
    }
    if lane.drained_at.is_some() {
        return Err(Hold::LaneDrained {
            lane: lane.id,
            failures: lane.failures,
        });
    }
    if let Some(until) = lane.held_until.filter(|at| *at > world.now()) {
        let reason = lane.hold_reason.unwrap_or_default();
        return Err(Hold::LaneHold {
            lane: lane.id,
            until,
            reason,
        });
    }
    if let Some(since) = lane.down_since {
        return Err(Hold::EndpointDown {
            endpoint: lane.id.to_string(),
            since,
        });
    }
    let limit = if lane.probing {
        Some(limit.map_or(1, |l| l.min(1)))
    } else {
        limit
    };
    match limit {
        Some(limit) if used >= limit => Err(Hold::LaneFull {
            lane: lane.id,
            used,
            limit,
        }),
        Some(_) | None => Ok(used),
    }
}
