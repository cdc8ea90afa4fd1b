-- Folders of the person with what was decided about each (D1). Folders that tasks named before were named by the person.
CREATE TABLE projects (
    path       TEXT    PRIMARY KEY,
    -- Null leaves it to what the folder is.
    mode       TEXT    CHECK (mode IN ('in_place', 'worktree')),
    trusted_at INTEGER,
    refused_at INTEGER,
    policy     TEXT    NOT NULL DEFAULT '{}',
    added_at   INTEGER NOT NULL,
    CHECK (trusted_at IS NULL OR refused_at IS NULL)
) STRICT, WITHOUT ROWID;

-- The person's folder that a task belongs to, also where it works in a worktree of it.
ALTER TABLE tasks ADD COLUMN project TEXT;
UPDATE tasks SET project = folder WHERE folder IS NOT NULL;

INSERT INTO projects (path, trusted_at, added_at)
    SELECT folder, min(created_at), min(created_at) FROM tasks WHERE folder IS NOT NULL GROUP BY folder;
