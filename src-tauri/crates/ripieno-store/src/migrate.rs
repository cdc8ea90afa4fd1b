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
pub(crate) const ALL: &[Migration] = &[
    Migration {
        name: "engine",
        sql: include_str!("schema/0001_engine.sql"),
    },
    Migration {
        name: "surfaces",
        sql: include_str!("schema/0002_surfaces.sql"),
    },
    Migration {
        name: "worktrees",
        sql: include_str!("schema/0003_worktrees.sql"),
    },
    Migration {
        name: "projects",
        sql: include_str!("schema/0004_projects.sql"),
    },
    Migration {
        name: "checkpoints",
        sql: include_str!("schema/0005_checkpoints.sql"),
    },
    Migration {
        name: "notes",
        sql: include_str!("schema/0006_notes.sql"),
    },
    Migration {
        name: "grants",
        sql: include_str!("schema/0007_grants.sql"),
    },
    Migration {
        name: "sidecars",
        sql: include_str!("schema/0008_sidecars.sql"),
    },
    Migration {
        name: "teardowns",
        sql: include_str!("schema/0009_teardowns.sql"),
    },
];

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OpenError, Store, backup, open, testing};
    use std::path::Path;

    const LATER: Migration = Migration {
        name: "colours",
        sql: "CREATE TABLE colours (name TEXT PRIMARY KEY) STRICT; ALTER TABLE lanes ADD COLUMN colour TEXT;",
    };
    const BROKEN: Migration = Migration {
        name: "broken",
        sql: "CREATE TABLE half (x TEXT) STRICT; INSERT INTO nowhere VALUES (1);",
    };

    fn older(home: &Path) -> std::path::PathBuf {
        let path = home.join("ripieno.db");
        let store = Store::open(&path, &home.join("backups"), testing::options()).unwrap();
        store
            .write_blocking(|tx| tx.submit(&testing::task()))
            .unwrap();
        path
    }

    fn list(last: Migration) -> Vec<Migration> {
        ALL.iter()
            .map(|m| Migration {
                name: m.name,
                sql: m.sql,
            })
            .chain([last])
            .collect()
    }

    fn tables(conn: &Connection, name: &str) -> i64 {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = ?1";
        conn.query_row(sql, [name], |row| row.get(0)).unwrap()
    }

    #[test]
    fn older_file_is_backed_up_brought_up_to_date_and_keeps_its_tasks() {
        let home = tempfile::TempDir::new().unwrap();
        let path = older(home.path());
        let backups = home.path().join("backups");
        let conn = open::database(&path, &backups, &testing::options(), &list(LATER)).unwrap();
        assert_eq!(format(&conn).unwrap(), newest(ALL) + 1);
        assert_eq!(tables(&conn, "colours"), 1);
        let tasks: i64 = conn
            .query_row("SELECT count(*) FROM tasks", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tasks, 1);
        let kept = backup::newest_first(&backups);
        assert_eq!(kept.len(), 1);
        assert_eq!(
            format(&Connection::open(&kept[0]).unwrap()).unwrap(),
            newest(ALL)
        );
        // The version before it refuses the file, which stays as it is.
        drop(conn);
        let refused = Store::open(&path, &backups, testing::options())
            .err()
            .unwrap();
        assert!(matches!(refused, OpenError::Newer { .. }), "{refused}");
    }

    #[test]
    fn file_of_the_first_format_keeps_its_comments_and_asks() {
        let home = tempfile::TempDir::new().unwrap();
        let path = home.path().join("ripieno.db");
        let backups = home.path().join("backups");
        let conn = open::database(&path, &backups, &testing::options(), &ALL[..1]).unwrap();
        conn.execute_batch(
            "INSERT INTO tasks (id, state, queue_reason, max_tries, priority, rank, lane, queue, piece, last_seq,
                 created_at, updated_at)
                 VALUES (randomblob(16), 'queued', 'fresh', 3, 'normal', 1, 'shell', 'shell', 'script', 1, 1, 1);
             INSERT INTO comments (task_no, by, body, quiet, at, taken_by, taken_at) VALUES (1, 'cli', 'x', 0, 1, 1, 2);
             INSERT INTO asks (id, subject, kind, spec, created_at) VALUES (randomblob(16), 'worker', 'question',
                 '{\"kind\":\"question\",\"text\":\"go?\"}', 1);",
        )
        .unwrap();
        drop(conn);
        let store = Store::open(&path, &backups, testing::options()).unwrap();
        let (comments, asks) = store
            .read_blocking(|r| Ok((r.comments(ripieno_core::id::TaskNo(1))?, r.asks(true)?)))
            .unwrap();
        let taken = comments[0].taken.clone().unwrap();
        assert_eq!((taken.attempt, taken.movement), (1, None));
        assert_eq!(asks[0].snoozed_until, None);
        assert_eq!(backup::newest_first(&backups).len(), 1);
    }

    #[test]
    fn migration_that_fails_halfway_leaves_the_old_format_in_working_order() {
        let home = tempfile::TempDir::new().unwrap();
        let path = older(home.path());
        let backups = home.path().join("backups");
        let refused =
            open::database(&path, &backups, &testing::options(), &list(BROKEN)).unwrap_err();
        assert!(matches!(refused, OpenError::Migration { .. }), "{refused}");
        let store = Store::open(&path, &backups, testing::options()).unwrap();
        store
            .write_blocking(|tx| tx.submit(&testing::task()))
            .unwrap();
        assert_eq!(tables(&Connection::open(&path).unwrap(), "half"), 0);
    }
}
