-- Where a thread works apart from the checkout it was started from (D5), and what became of it (D11). `fork` is the commit
-- that was checked out then, `base` the one the work is measured from; `head` and `files` bring a folder back that was
-- given back: the commit it stood at, and one with its files.
CREATE TABLE worktrees (
    task_no INTEGER PRIMARY KEY REFERENCES tasks (no),
    source  TEXT    NOT NULL,
    prefix  TEXT    NOT NULL,
    branch  TEXT    NOT NULL,
    onto    TEXT,
    fork    TEXT,
    base    TEXT,
    head    TEXT,
    files   TEXT,
    admin   TEXT,
    folder  TEXT    NOT NULL CHECK (folder IN ('making', 'there', 'gone')),
    fate    TEXT    CHECK (fate IN ('merged', 'discarded')),
    reason  TEXT,
    CHECK (folder = 'making' OR base IS NOT NULL),
    CHECK (folder <> 'gone' OR (head IS NOT NULL AND files IS NOT NULL))
) STRICT;
CREATE INDEX worktrees_there ON worktrees (task_no) WHERE folder <> 'gone';
