-- What surfaces show beside the queue itself.

-- The movement a comment landed in (T13).
ALTER TABLE comments ADD COLUMN movement TEXT;

-- An ask that was put off: until then nobody is reminded of it.
ALTER TABLE asks ADD COLUMN snoozed_until INTEGER;

-- Failed and dead tasks nobody has seen: only these have a class.
CREATE INDEX tasks_unseen ON tasks (no) WHERE class IS NOT NULL AND seen_at IS NULL;

-- Each key of a notice is claimed once, ever (H5).
CREATE TABLE notices (
    key        TEXT    PRIMARY KEY,
    claimed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a task changes is measured from `base`; without one `reason` says why. `start_apart` and `end_apart` name files
-- too large to be kept.
CREATE TABLE task_changes (
    task_no          INTEGER PRIMARY KEY REFERENCES tasks (no),
    base             TEXT,
    reason           TEXT,
    includes_earlier INTEGER NOT NULL CHECK (includes_earlier IN (0, 1)),
    start_apart      TEXT    NOT NULL DEFAULT '[]',
    head             TEXT,
    end_apart        TEXT    NOT NULL DEFAULT '[]',
    files            INTEGER,
    insertions       INTEGER,
    deletions        INTEGER,
    CHECK ((base IS NULL) <> (reason IS NULL)),
    CHECK (head IS NULL OR base IS NOT NULL),
    CHECK ((head IS NULL) = (files IS NULL) AND (head IS NULL) = (insertions IS NULL)
        AND (head IS NULL) = (deletions IS NULL))
) STRICT;

-- What an attempt ran last: names of variables, never values (R10).
CREATE TABLE attempt_runs (
    task_no   INTEGER NOT NULL,
    attempt   INTEGER NOT NULL,
    slot      INTEGER NOT NULL,
    cwd       TEXT    NOT NULL,
    program   TEXT    NOT NULL,
    arguments TEXT    NOT NULL,
    passed    TEXT    NOT NULL,
    withheld  TEXT    NOT NULL,
    PRIMARY KEY (task_no, attempt),
    FOREIGN KEY (task_no, attempt) REFERENCES attempts (task_no, n)
) STRICT, WITHOUT ROWID;
