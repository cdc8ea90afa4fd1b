//! The checker: what must hold after anything that happened (quality.md, B.2: I1 to I7).

use crate::rig::{Home, marked};
use ripieno_core::id::TaskNo;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;

/// What was promised: every acknowledged submission by its key.
pub type Acknowledged = BTreeMap<String, TaskNo>;

/// Checks the rows of a stopped home; what does not hold, a line each.
pub fn violations(home: &Home, acknowledged: &Acknowledged) -> Vec<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let db = Connection::open_with_flags(home.database(), flags).expect("the database opens");
    let mut found = Vec::new();
    integrity(&db, &mut found);
    kept(&db, acknowledged, &mut found);
    endings(&db, &mut found);
    leases(&db, &mut found);
    processes(&db, &mut found);
    found
}

fn texts(db: &Connection, sql: &str) -> Vec<String> {
    let mut statement = db.prepare(sql).expect("the statement is SQL");
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .expect("the query runs");
    rows.map(|row| row.expect("a row of text")).collect()
}

/// I5: the file is whole.
fn integrity(db: &Connection, found: &mut Vec<String>) {
    for line in texts(db, "PRAGMA integrity_check") {
        if line != "ok" {
            found.push(format!("integrity: {line}"));
        }
    }
    let broken: i64 = db
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })
        .expect("the check runs");
    if broken > 0 {
        found.push(format!("{broken} broken foreign keys"));
    }
}

/// I1: what was acknowledged exists, once.
fn kept(db: &Connection, acknowledged: &Acknowledged, found: &mut Vec<String>) {
    for (label, no) in acknowledged {
        let count: i64 = db
            .query_row(
                "SELECT count(*) FROM task_specs WHERE spec LIKE '%\"' || ?1 || '\"%'",
                [label],
                |row| row.get(0),
            )
            .expect("the count runs");
        if count != 1 {
            found.push(format!("{no} ({label}) is there {count} times"));
        }
    }
}

/// I2: one ending each, and never left but by a person.
fn endings(db: &Connection, found: &mut Vec<String>) {
    let told = texts(
        db,
        "SELECT 'T-' || no FROM tasks WHERE no NOT IN (SELECT task_no FROM task_events WHERE to_state IN ('done', 'failed', 'dead', 'cancelled'))",
    );
    found.extend(
        told.into_iter()
            .map(|task| format!("the log never says that {task} ended")),
    );
    found.extend(texts(
        db,
        "SELECT 'T-' || task_no || ' ended ' || count(*) || ' times' FROM task_events \
         WHERE to_state IN ('done', 'failed', 'dead', 'cancelled') AND from_state IS NOT to_state \
         GROUP BY task_no \
         HAVING count(*) > 1 + (SELECT count(*) FROM task_events r \
                                WHERE r.task_no = task_events.task_no AND r.kind IN ('reopened', 'rewound'))",
    ));
}

/// I3, I7: no lease and no lock is left once everything has ended.
fn leases(db: &Connection, found: &mut Vec<String>) {
    found.extend(texts(
        db,
        "SELECT 'T-' || no || ' is stuck as ' || state FROM tasks WHERE finished_at IS NULL",
    ));
    found.extend(texts(db, "SELECT 'attempt ' || n || ' of T-' || task_no || ' never ended' FROM attempts WHERE ended_at IS NULL"));
    found.extend(texts(
        db,
        "SELECT 'the folder ' || path || ' is still locked' FROM locks",
    ));
}

/// I6: nothing of any task still runs.
fn processes(db: &Connection, found: &mut Vec<String>) {
    let ids = texts(db, "SELECT lower(hex(id)) FROM tasks");
    for id in ids {
        let id = uuid_text(&id);
        for pid in marked("RIPIENO_TASK_ID", &id) {
            found.push(format!("process {pid} of task {id} is left"));
        }
    }
}

fn uuid_text(hex: &str) -> String {
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}
