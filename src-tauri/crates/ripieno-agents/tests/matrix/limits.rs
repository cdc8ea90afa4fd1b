//! What an agent cannot do, each with the reason. A cell that turns out right all the same fails the run, so that this list
//! stays true.

use crate::{cells::Cell, stops::Moment};
use ripieno_testkit::agents::Engine;

/// Why this cell cannot be had from this agent; `None` when it can.
pub(crate) fn impossible(engine: Engine, cell: Cell) -> Option<&'static str> {
    match (engine, cell) {
        (Engine::Codex, Cell::Question) => Some(
            "its model may ask the person only in its plan mode, which Ripieno does not switch on",
        ),
        (Engine::Opencode, Cell::Question) => Some(
            "its question tool is off over the protocol; switched on, it waits without telling anybody",
        ),
        (Engine::Gemini | Engine::Copilot | Engine::Qwen, Cell::Question) => {
            Some("it offers its model no question over the protocol")
        }
        (Engine::CodexAcp, Cell::Question) => Some(
            "its model may ask the person only in its plan mode, which Ripieno does not switch on",
        ),
        (
            Engine::CodexAcp,
            Cell::Tool | Cell::File | Cell::Allowed | Cell::Denied | Cell::Cancel(Moment::Asking),
        ) => Some(
            "in the mode that changes nothing by itself its own sandbox refuses, and only its model may ask; `codex` itself asks",
        ),
        (Engine::Gemini, Cell::Limited | Cell::Quota | Cell::Fault)
        | (Engine::Qwen, Cell::Limited | Cell::Quota) => {
            Some("it tries again for minutes without a word; the limit on silence ends it")
        }
        (Engine::Gemini, Cell::Resume | Cell::Killed) => Some(
            "its session/load does not find the session of an earlier process: the task goes on in a fresh one (R4)",
        ),
        (Engine::Qwen, Cell::Usage) => Some("it tells no tokens over the protocol"),
        _ => None,
    }
}
