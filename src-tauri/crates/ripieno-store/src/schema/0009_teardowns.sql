-- Tasks whose project has set up their folder (D1). `due` until the teardown has begun: it is begun once for each setup,
-- however the task ends and whoever runs it.
CREATE TABLE teardowns (
    task_no INTEGER PRIMARY KEY REFERENCES tasks (no),
    folder  TEXT    NOT NULL,
    due     INTEGER NOT NULL CHECK (due IN (0, 1))
) STRICT;
CREATE INDEX teardowns_due ON teardowns (task_no) WHERE due = 1;
