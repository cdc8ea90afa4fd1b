-- What a task's performers wrote down: the brief (T20), the checklist (L10) and lessons (T9), the last two as JSON.
CREATE TABLE task_notes (
    task_no   INTEGER PRIMARY KEY REFERENCES tasks (no),
    brief     TEXT,
    checklist TEXT    NOT NULL DEFAULT '[]',
    lessons   TEXT    NOT NULL DEFAULT '[]'
) STRICT;
