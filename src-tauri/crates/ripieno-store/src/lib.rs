//! SQLite store: tables, transitions, change feed, migrations, backup
