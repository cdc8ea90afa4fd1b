-- What Ripieno placed in the folders of tasks (D4), on record before it is placed. `own` is a folder with all that lies in
-- it, known by `mark` until `placed`, with the digests of its `files`; `around` is a folder that was made to hold it.
CREATE TABLE sidecars (
    no      INTEGER PRIMARY KEY,
    task_no INTEGER NOT NULL REFERENCES tasks (no),
    folder  TEXT    NOT NULL,
    path    TEXT    NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('own', 'around')),
    mark    TEXT    NOT NULL,
    files   TEXT    NOT NULL,
    placed  INTEGER NOT NULL DEFAULT 0 CHECK (placed IN (0, 1))
) STRICT;
CREATE INDEX sidecars_task ON sidecars (task_no);
