//! What an agent cannot do, each with the reason. A cell that turns out right all the same fails the run, so that this list
//! stays true.

use crate::cells::Cell;
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
        (Engine::Gemini | Engine::Copilot, Cell::Question) => {
            Some("it offers its model no question over the protocol")
        }
        (Engine::CodexAcp, Cell::Question) => Some(
            "its model may ask the person only in its plan mode, which Ripieno does not switch on",
        ),
        (Engine::CodexAcp, Cell::Allowed | Cell::Denied) => Some(
            "its modes leave the decision to its own sandbox and to its model; `codex` itself asks",
        ),
        (Engine::Gemini, Cell::Limited | Cell::Quota | Cell::Fault)
        | (Engine::Qwen, Cell::Limited | Cell::Quota) => {
            Some("it tries again for minutes without a word; the limit on silence ends it")
        }
        _ => None,
    }
}
