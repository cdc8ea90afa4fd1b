-- Leave for exactly one call, given for every further time in a project (A5): bound by a hash to what was shown and ran.
CREATE TABLE grants (
    no         INTEGER PRIMARY KEY AUTOINCREMENT,
    project    TEXT    NOT NULL,
    shown      TEXT    NOT NULL,
    binding    TEXT    NOT NULL,
    ask_no     INTEGER NOT NULL REFERENCES asks (no),
    granted_by TEXT    NOT NULL,
    granted_at INTEGER NOT NULL,
    fired      INTEGER NOT NULL DEFAULT 0,
    fired_at   INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX grants_live ON grants (project, binding) WHERE revoked_at IS NULL;
