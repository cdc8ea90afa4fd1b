-- The hot part of a task: what a claim and a transition read and write. Its CHECKs repeat the machine
-- (architecture 1.2, 1.3). `root_no` and `thread_no` are null where they are the task itself.
CREATE TABLE tasks (
    no               INTEGER PRIMARY KEY AUTOINCREMENT,
    id               BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    state            TEXT    NOT NULL,
    queue_reason     TEXT    CHECK (CASE queue_reason WHEN 'fresh' THEN 1 WHEN 'retry' THEN 1
                             WHEN 'yielded' THEN 1 WHEN 'answered' THEN 1 WHEN 'subtasks_settled' THEN 1
                             WHEN 'stopped' THEN 1 WHEN 'rework' THEN 1 WHEN 'reopened' THEN 1
                             WHEN 'rewound' THEN 1 WHEN 'interrupted' THEN 1 ELSE queue_reason IS NULL END),
    not_before       INTEGER,
    wait_on          TEXT    CHECK (wait_on IN ('dependencies', 'subtasks')),
    paused           INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    wish             TEXT    CHECK (wish IN ('cancel', 'pause')),
    attempt          INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    tries_used       INTEGER NOT NULL DEFAULT 0,
    max_tries        INTEGER NOT NULL CHECK (max_tries >= 1),
    crashes          INTEGER NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    fresh_used       INTEGER NOT NULL DEFAULT 0 CHECK (fresh_used IN (0, 1)),
    rework           INTEGER NOT NULL DEFAULT 0 CHECK (rework BETWEEN 0 AND 2),
    receipt_kept     INTEGER NOT NULL DEFAULT 0 CHECK (receipt_kept IN (0, 1)),
    priority         TEXT    NOT NULL
                             CHECK (priority = 'low' OR priority = 'normal' OR priority = 'high' OR priority = 'urgent'),
    rank             INTEGER NOT NULL,
    lane             TEXT    NOT NULL,
    -- The lane whose queue it can be claimed from now; null for every task that cannot.
    queue            TEXT,
    parked_on        TEXT,
    -- When it comes back, if it is parked until a moment.
    due_at           INTEGER,
    offered          TEXT,
    lease_token      INTEGER,
    lease_pid        INTEGER,
    lease_pid_started INTEGER,
    boot_id          TEXT,
    ran_in           TEXT,
    class            TEXT,
    failure_text     TEXT,
    failed_by        INTEGER REFERENCES tasks (no),
    on_interrupt     TEXT    NOT NULL DEFAULT 'restart'
                             CHECK (on_interrupt = 'resume' OR on_interrupt = 'restart' OR on_interrupt = 'ask'
                                 OR on_interrupt = 'fail'),
    review           INTEGER NOT NULL DEFAULT 0 CHECK (review IN (0, 1)),
    root_no          INTEGER REFERENCES tasks (no) CHECK (root_no < no),
    parent_no        INTEGER REFERENCES tasks (no) CHECK (parent_no < no),
    thread_no        INTEGER REFERENCES tasks (no) CHECK (thread_no < no),
    depth            INTEGER NOT NULL DEFAULT 0,
    folder           TEXT,
    piece            TEXT    NOT NULL,
    spawn_key        TEXT,
    start_at         INTEGER,
    version          INTEGER NOT NULL DEFAULT 1,
    last_seq         INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    started_at       INTEGER,
    running_since    INTEGER,
    finished_at      INTEGER,
    seen_at          INTEGER,
    -- What each state has and has not. Written as CASE: a longer IN list would cost a temporary table at each write.
    CHECK (CASE state
        WHEN 'queued' THEN queue_reason IS NOT NULL AND wait_on IS NULL AND lease_token IS NULL
            AND finished_at IS NULL AND class IS NULL
            AND (queue IS NOT NULL) = (paused = 0 AND parked_on IS NULL)
            AND (parked_on IS NULL OR paused = 0)
            AND (offered IS NULL OR queue IS NOT NULL)
            AND (due_at IS NOT NULL) = (parked_on IS 'time')
        WHEN 'waiting' THEN wait_on IS NOT NULL AND queue_reason IS NULL AND not_before IS NULL
            AND lease_token IS NULL AND finished_at IS NULL AND class IS NULL
        WHEN 'leased' THEN lease_token IS NOT NULL AND queue_reason IS NULL AND not_before IS NULL
            AND wait_on IS NULL AND finished_at IS NULL AND class IS NULL
        WHEN 'running' THEN lease_token IS NOT NULL AND queue_reason IS NULL AND not_before IS NULL
            AND wait_on IS NULL AND finished_at IS NULL AND class IS NULL
        WHEN 'done' THEN finished_at IS NOT NULL AND lease_token IS NULL AND queue_reason IS NULL
            AND not_before IS NULL AND wait_on IS NULL AND class IS NULL
        WHEN 'needs_input' THEN queue_reason IS NULL AND not_before IS NULL AND wait_on IS NULL
            AND finished_at IS NULL AND class IS NULL
        WHEN 'needs_verification' THEN lease_token IS NOT NULL AND queue_reason IS NULL
            AND not_before IS NULL AND wait_on IS NULL AND finished_at IS NULL AND class IS NULL
        WHEN 'failed' THEN finished_at IS NOT NULL AND class IS NOT NULL AND lease_token IS NULL
            AND queue_reason IS NULL AND not_before IS NULL AND wait_on IS NULL
        WHEN 'dead' THEN finished_at IS NOT NULL AND class IS NOT NULL AND lease_token IS NULL
            AND queue_reason IS NULL AND not_before IS NULL AND wait_on IS NULL
        WHEN 'cancelled' THEN finished_at IS NOT NULL AND class IS NULL AND lease_token IS NULL
            AND queue_reason IS NULL AND not_before IS NULL AND wait_on IS NULL
        ELSE 0 END),
    CHECK (state = 'queued' OR (queue IS NULL AND parked_on IS NULL AND offered IS NULL AND due_at IS NULL)),
    CHECK (queue IS NULL OR queue = lane),
    CHECK (CASE WHEN lease_token IS NULL
        THEN lease_pid IS NULL AND lease_pid_started IS NULL AND boot_id IS NULL AND wish IS NULL
        ELSE lease_pid IS NOT NULL AND lease_pid_started IS NOT NULL AND boot_id IS NOT NULL
            AND ran_in IS NOT NULL AND attempt >= 1 END),
    CHECK (finished_at IS NULL OR (paused = 0 AND receipt_kept = 0)),
    CHECK (tries_used BETWEEN 0 AND max_tries AND tries_used <= attempt),
    CHECK ((parent_no IS NULL) = (depth = 0) AND (parent_no IS NULL) = (root_no IS NULL))
) STRICT;

-- The claim looks at the first of each lane only (architecture 1.6). No index here has an equality with a
-- literal in its WHERE: SQLite would prepare statements anew at every binding to compare the two.
CREATE INDEX tasks_heads ON tasks (queue, rank) WHERE queue IS NOT NULL;
CREATE INDEX tasks_parked ON tasks (parked_on, lane, rank) WHERE parked_on IS NOT NULL;
CREATE INDEX tasks_due ON tasks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX tasks_live ON tasks (lease_token) WHERE lease_token IS NOT NULL;
-- Lists and counts of open tasks must not read the ended ones.
CREATE INDEX tasks_open ON tasks (no) WHERE finished_at IS NULL;
CREATE INDEX tasks_ended ON tasks (state, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX tasks_children ON tasks (parent_no) WHERE parent_no IS NOT NULL;
CREATE INDEX tasks_thread ON tasks (thread_no) WHERE thread_no IS NOT NULL;
-- The same key is open once (T3).
CREATE UNIQUE INDEX tasks_key ON tasks (spawn_key) WHERE spawn_key IS NOT NULL AND finished_at IS NULL;

-- What a submission fixed; title and prompt stand outside the JSON so that a search reads them plainly.
CREATE TABLE task_specs (
    task_no INTEGER PRIMARY KEY REFERENCES tasks (no),
    title   TEXT NOT NULL,
    prompt  TEXT NOT NULL,
    spec    TEXT NOT NULL
) STRICT;

CREATE TABLE task_labels (
    label   TEXT    NOT NULL,
    task_no INTEGER NOT NULL REFERENCES tasks (no),
    PRIMARY KEY (label, task_no)
) STRICT, WITHOUT ROWID;

-- Where the next attempt takes up the work.
CREATE TABLE task_resume (
    task_no  INTEGER PRIMARY KEY REFERENCES tasks (no),
    position TEXT,
    session  TEXT
) STRICT;

-- A task depends on older ones only, so that a cycle cannot be written.
CREATE TABLE task_deps (
    task_no  INTEGER NOT NULL REFERENCES tasks (no),
    needs_no INTEGER NOT NULL REFERENCES tasks (no) CHECK (needs_no < task_no),
    PRIMARY KEY (task_no, needs_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_deps_back ON task_deps (needs_no);

CREATE TABLE attempts (
    task_no     INTEGER NOT NULL REFERENCES tasks (no),
    n           INTEGER NOT NULL CHECK (n >= 1),
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    lane        TEXT    NOT NULL,
    session     TEXT,
    model       TEXT,
    pid         INTEGER,
    pid_started INTEGER,
    end         TEXT    CHECK (CASE end WHEN 'completed' THEN 1 WHEN 'failed' THEN 1 WHEN 'yielded' THEN 1
                        WHEN 'suspended' THEN 1 WHEN 'stopped' THEN 1 WHEN 'lost' THEN 1 ELSE end IS NULL END),
    class       TEXT,
    text        TEXT,
    claimed_at  INTEGER NOT NULL,
    started_at  INTEGER,
    ended_at    INTEGER,
    PRIMARY KEY (task_no, n),
    CHECK ((end IS NULL) = (ended_at IS NULL)),
    CHECK ((pid IS NULL) = (pid_started IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
    no          INTEGER PRIMARY KEY,
    task_no     INTEGER NOT NULL REFERENCES tasks (no),
    attempt     INTEGER NOT NULL,
    model       TEXT    NOT NULL,
    input       INTEGER NOT NULL,
    output      INTEGER NOT NULL,
    cache_read  INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    cost_micros INTEGER,
    at          INTEGER NOT NULL,
    FOREIGN KEY (task_no, attempt) REFERENCES attempts (task_no, n)
) STRICT;
CREATE INDEX usage_task ON usage (task_no);

CREATE TABLE movements (
    task_no    INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    n          INTEGER NOT NULL CHECK (n >= 1),
    name       TEXT    NOT NULL,
    outcome    TEXT,
    summary    TEXT    NOT NULL DEFAULT '',
    checkpoint TEXT,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    PRIMARY KEY (task_no, attempt, n),
    FOREIGN KEY (task_no, attempt) REFERENCES attempts (task_no, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE asks (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    subject     TEXT    NOT NULL CHECK (subject IN ('task', 'lane', 'worker')),
    task_no     INTEGER REFERENCES tasks (no),
    lane        TEXT,
    attempt     INTEGER,
    movement    TEXT    NOT NULL DEFAULT '',
    kind        TEXT    NOT NULL,
    spec        TEXT    NOT NULL,
    expires_at  INTEGER,
    revision    INTEGER NOT NULL DEFAULT 1,
    created_at  INTEGER NOT NULL,
    answer      TEXT,
    answered_by TEXT,
    answered_at INTEGER,
    closed_at   INTEGER,
    CHECK ((subject = 'task') = (task_no IS NOT NULL)),
    CHECK ((subject = 'lane') = (lane IS NOT NULL)),
    CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
    CHECK (answered_at IS NULL OR closed_at IS NULL)
) STRICT;
CREATE INDEX asks_task ON asks (task_no) WHERE task_no IS NOT NULL;
CREATE INDEX asks_open ON asks (no) WHERE answered_at IS NULL AND closed_at IS NULL;
CREATE INDEX asks_due ON asks (expires_at)
    WHERE expires_at IS NOT NULL AND answered_at IS NULL AND closed_at IS NULL;
CREATE UNIQUE INDEX asks_lane ON asks (lane, kind)
    WHERE lane IS NOT NULL AND answered_at IS NULL AND closed_at IS NULL;

CREATE TABLE comments (
    no       INTEGER PRIMARY KEY AUTOINCREMENT,
    task_no  INTEGER NOT NULL REFERENCES tasks (no),
    by       TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    quiet    INTEGER NOT NULL CHECK (quiet IN (0, 1)),
    at       INTEGER NOT NULL,
    taken_by INTEGER,
    taken_at INTEGER,
    CHECK ((taken_by IS NULL) = (taken_at IS NULL))
) STRICT;
CREATE INDEX comments_task ON comments (task_no);

CREATE TABLE receipts (
    task_no INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    receipt TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (task_no, attempt),
    FOREIGN KEY (task_no, attempt) REFERENCES attempts (task_no, n)
) STRICT, WITHOUT ROWID;

-- The log. `prev_seq` chains the events of one task, so that they need no index of their own.
CREATE TABLE task_events (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    task_no    INTEGER,
    attempt    INTEGER,
    kind       TEXT    NOT NULL,
    from_state TEXT,
    to_state   TEXT,
    data       TEXT,
    prev_seq   INTEGER CHECK (prev_seq < seq),
    CHECK ((from_state IS NULL) OR (to_state IS NOT NULL))
) STRICT;
CREATE TRIGGER task_events_no_update BEFORE UPDATE ON task_events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER task_events_no_delete BEFORE DELETE ON task_events
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

CREATE TABLE outbox (
    no           INTEGER PRIMARY KEY,
    task_no      INTEGER REFERENCES tasks (no),
    channel      TEXT    NOT NULL,
    idem_key     TEXT    NOT NULL UNIQUE,
    payload      TEXT    NOT NULL,
    due_at       INTEGER NOT NULL,
    tries        INTEGER NOT NULL DEFAULT 0,
    delivered_at INTEGER,
    last_error   TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at) WHERE delivered_at IS NULL;

CREATE TABLE lanes (
    id   TEXT PRIMARY KEY,
    lane TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Pairs with the lock of the system; a row alone is never trusted (D2).
CREATE TABLE locks (
    identity    TEXT    PRIMARY KEY,
    path        TEXT    NOT NULL,
    holder_no   INTEGER NOT NULL REFERENCES tasks (no),
    pid         INTEGER NOT NULL,
    pid_started INTEGER NOT NULL,
    boot_id     TEXT    NOT NULL,
    acquired_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX locks_holder ON locks (holder_no);

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
