-- Points a task can be taken back to (R13). `head` is the commit that was checked out, `files` one with the files of the
-- folder; without one `why` says why there is no way back. `position` is where the piece stood.
CREATE TABLE checkpoints (
    task_no  INTEGER NOT NULL REFERENCES tasks (no),
    n        INTEGER NOT NULL CHECK (n >= 1),
    attempt  INTEGER NOT NULL,
    reason   TEXT    NOT NULL CHECK (reason IN ('movement', 'end', 'cleanup', 'abandoned')),
    movement TEXT    NOT NULL,
    head     TEXT,
    files    TEXT,
    why      TEXT,
    position TEXT,
    at       INTEGER NOT NULL,
    PRIMARY KEY (task_no, n),
    CHECK ((files IS NULL) = (why IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- What a person took back. Between the moment of the checkpoint and `at` lies the abandoned line. Until `done` the next
-- attempt of `task_no` begins by restoring the files; `position` is where the abandoned line stood.
CREATE TABLE rewinds (
    no       INTEGER PRIMARY KEY,
    task_no  INTEGER NOT NULL REFERENCES tasks (no),
    of_no    INTEGER NOT NULL REFERENCES tasks (no),
    n        INTEGER NOT NULL,
    position TEXT,
    at       INTEGER NOT NULL,
    done     INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
    FOREIGN KEY (of_no, n) REFERENCES checkpoints (task_no, n)
) STRICT;
CREATE INDEX rewinds_task ON rewinds (task_no);
