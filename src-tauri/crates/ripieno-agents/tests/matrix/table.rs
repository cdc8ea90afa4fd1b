//! What was found, as a table.

use crate::cells::Cell;
use ripieno_testkit::agents::Engine;
use std::{collections::BTreeMap, fmt, fs, path::Path};

/// What came of one cell.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// As it should be.
    Right,
    /// The agent cannot, and this is why.
    Impossible(&'static str),
    /// It can after all: the reason is no longer true.
    Surprise(&'static str),
    /// It should, and does not.
    Wrong(String),
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Right => write!(out, "right"),
            Found::Impossible(why) => write!(out, "impossible: {why}"),
            Found::Surprise(why) => write!(out, "right, although: {why}"),
            Found::Wrong(what) => write!(out, "WRONG: {what}"),
        }
    }
}

/// The cells of one agent.
pub(crate) struct Row {
    engine: Engine,
    cells: Vec<(Cell, Found)>,
}

impl Row {
    /// One row for each agent that was found, its cells in their order.
    pub(crate) fn sorted(
        engines: &[Engine],
        cells: &[Cell],
        found: &[(Engine, Cell, Found)],
    ) -> Vec<Row> {
        let of = |engine: Engine| {
            let cell = |cell: &Cell| {
                let mine = found.iter().find(|(e, c, _)| (*e, *c) == (engine, *cell));
                mine.map(|(_, cell, found)| (*cell, found.clone()))
            };
            Row {
                engine,
                cells: cells.iter().filter_map(cell).collect(),
            }
        };
        let rows = engines.iter().map(|engine| of(*engine));
        rows.filter(|row| !row.cells.is_empty()).collect()
    }

    /// What is neither right nor rightly named as impossible.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let wrong = |(cell, found): &(Cell, Found)| match found {
            Found::Right | Found::Impossible(_) => None,
            other => Some(format!("{} {}: {other}", self.engine.kind(), cell.name())),
        };
        self.cells.iter().filter_map(wrong).collect()
    }
}

/// The table, and below it why something is impossible.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, found) in rows.iter().flat_map(|row| &row.cells) {
        if let Found::Impossible(why) = found {
            let next = reasons.len() + 1;
            reasons.entry(why).or_insert(next);
        }
    }
    let names: Vec<&str> = rows.iter().map(|row| row.engine.kind()).collect();
    let mut text = format!(
        "| | {} |\n|---|{}\n",
        names.join(" | "),
        "---|".repeat(rows.len())
    );
    for (at, (cell, _)) in first.cells.iter().enumerate() {
        let mark = |row: &Row| match row.cells.get(at).map(|(_, found)| found) {
            Some(Found::Right) => "yes".to_owned(),
            Some(Found::Impossible(why)) => format!("no ({})", reasons[why]),
            Some(Found::Surprise(_) | Found::Wrong(_)) => "**wrong**".to_owned(),
            None => String::new(),
        };
        let marks: Vec<String> = rows.iter().map(mark).collect();
        text.push_str(&format!("| {} | {} |\n", cell.title(), marks.join(" | ")));
    }
    let mut why: Vec<(&str, usize)> = reasons.into_iter().collect();
    why.sort_by_key(|(_, number)| *number);
    for (reason, number) in why {
        text.push_str(&format!("\n{number}. {reason}"));
    }
    text.push('\n');
    text
}

const BEGIN: &str = "<!-- table: begin -->\n";
const END: &str = "<!-- table: end -->";

/// Writes the table into the page about agents.
pub(crate) fn write(rows: &[Row]) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/agents.md");
    let text = fs::read_to_string(&page).expect("the page about agents");
    let (head, rest) = text.split_once(BEGIN).expect("the mark before the table");
    let (_, tail) = rest.split_once(END).expect("the mark after the table");
    let table = markdown(rows);
    fs::write(&page, format!("{head}{BEGIN}\n{table}\n{END}{tail}")).expect("the page is ours");
}
