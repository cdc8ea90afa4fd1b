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
        _ => None,
    }
}
