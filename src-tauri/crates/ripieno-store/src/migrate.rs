//! Migrations: additive, each in a transaction of its own, after a backup (C5).

use rusqlite::{Connection, TransactionBehavior};

/// Marks a file as ours: `RIPI`.
pub(crate) const APPLICATION_ID: i64 = 0x5249_5049;

/// One step from a format to the next; its number is its place, from 1.
pub(crate) struct Migration {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// Every migration, in order. A published one is never changed.
pub(crate) const ALL: &[Migration] = &[Migration {
    name: "engine",
    sql: include_str!("schema/0001_engine.sql"),
}];

/// The newest format of a list of migrations.
pub(crate) fn newest(migrations: &[Migration]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

/// The format a database has; 0 for one without tables.
pub(crate) fn format(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a database to the newest format; a kill at any moment leaves it at one format or the next.
pub(crate) fn run(
    conn: &mut Connection,
    migrations: &[Migration],
    now_ms: i64,
) -> rusqlite::Result<()> {
    let mut at = format(conn)?;
    for migration in migrations
        .iter()
        .skip(usize::try_from(at).unwrap_or(usize::MAX))
    {
        at += 1;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if at == 1 {
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.execute_batch(
                "CREATE TABLE schema_migrations (
                     no         INTEGER PRIMARY KEY,
                     name       TEXT    NOT NULL,
                     applied_at INTEGER NOT NULL
                 ) STRICT;",
            )?;
        }
        tx.execute_batch(migration.sql)?;
        tx.execute(
            "INSERT INTO schema_migrations (no, name, applied_at) VALUES (?1, ?2, ?3)",
            (at, migration.name, now_ms),
        )?;
        tx.pragma_update(None, "user_version", at)?;
        tx.commit()?;
    }
    Ok(())
}
