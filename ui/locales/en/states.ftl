# Words that several surfaces share: the worker at a glance, states, kinds of asks.

states-glance-stopped = Worker stopped
states-glance-starting = Starting
states-glance-stopping = Stopping
states-glance-updating = Updating
states-glance-questions =
    { $n ->
        [one] { $n } question waiting
       *[other] { $n } questions waiting
    }
states-glance-failures =
    { $n ->
        [one] { $n } new failure
       *[other] { $n } new failures
    }
states-glance-running = { $n } running, { $q } queued
states-glance-running-paused = { $n } running, { $q } queued, paused
states-glance-paused = Paused
states-glance-paused-until = Paused until { $time }
states-glance-quota = Waiting for quota
states-glance-quota-until = Waiting for quota, { $time }
states-glance-lane = Waiting for { $lane }
states-glance-lane-until = Waiting for { $lane }, { $time }
states-glance-update = Update when idle
states-glance-queued = { $n } queued
states-glance-idle = Idle

states-ask-question = Question
states-ask-approval = Approval
states-ask-sign_in = Sign-in
states-ask-budget = Budget
states-ask-review = Review
states-ask-drain = Trouble
states-scope-task = For the rest of this task
states-scope-project = In this folder
states-scope-always = From now on, everywhere
states-surface-cli = the command line
states-surface-web = a browser
states-surface-window = the window
states-surface-tray = the tray
states-surface-notification = a notification
states-surface-default = its default
states-surface-parent = its parent task

states-task-queued = Queued
states-task-waiting = Waiting
states-task-leased = Starting
states-task-running = Running
states-task-paused = Paused
states-task-needs_input = Needs you
states-task-needs_verification = Being checked
states-task-done = Done
states-task-failed = Failed
states-task-dead = Given up
states-task-cancelled = Cancelled
states-task-named = “{ $title }”
states-task-short = { $id }
states-priority-low = Low
states-priority-high = High
states-priority-urgent = Urgent
states-failure = { $class }: { $line }
states-hold-not_before = Starts at { $time }
states-hold-thread = { $task } of the same thread is under way
states-hold-slots = All slots are taken ({ $used } of { $limit })
states-hold-lane_full = All slots of { $lane } are taken ({ $used } of { $limit })
states-hold-piece_full = As many tasks of { $piece } run as it allows ({ $used } of { $limit })
states-hold-project_full = As many tasks of { $path } run as it allows ({ $used } of { $limit })
states-hold-lane_hold = { $lane } is held until { $time }
states-hold-lane_hold_reason = { $lane } is held until { $time }: { $reason }
states-hold-lane_signed_out = { $lane } is signed out: sign in again
states-hold-lane_drained = { $lane } failed { $failures } times in a row: see its question
states-hold-endpoint_down = { $endpoint } has not answered since { $time }
states-hold-offline = No network since { $time }
states-hold-budget = The budget { $cap } is spent until { $time }
states-hold-directory = Waiting for the folder { $path }, held by { $holder }
states-hold-untrusted = { $path } is not trusted yet
states-hold-paused = Paused
states-hold-worker_paused = The worker is paused
states-hold-worker_paused_until = The worker is paused until { $time }
states-hold-updating = An update is being installed
states-hold-outside_schedule = Outside its hours; the next begin at { $time }
states-hold-no_runtime = No agent for { $what }
states-hold-model_unavailable = The model { $model } is not available
states-hold-not_configured = Something it needs is missing: { $what }
states-hold-vault_locked = The keyring is locked
states-hold-disk_space = Too little disk space: { $free } MiB left
states-hold-starting = The worker is starting
states-hold-stopping = The worker is stopping
states-hold-dependency = { $task } must be done first
states-hold-subtasks = { $open ->
    [one] Waiting for { $open } subtask
   *[other] Waiting for { $open } subtasks
  }
states-hold-ask = Waiting for your answer to { $ask }
states-class-rate_limited = rate limit
states-class-quota_exhausted = quota used up
states-class-provider_unreachable = provider out of reach
states-class-provider_network = network trouble
states-class-executable_missing = program missing
states-class-version_unsupported = version too old
states-class-config_missing = configuration missing
states-class-model_not_loaded = model not loaded
states-class-model_unknown = model unknown
states-class-vault_locked = keyring locked
states-class-disk_full = disk full
states-class-directory_busy = folder in use
states-class-interrupted = interrupted
states-class-auth_rejected = sign-in rejected
states-class-profile_expired = sign-in expired
states-class-budget_spent = budget spent
states-class-timeout = out of time
states-class-blocked = blocked
states-class-loop_unproductive = going in circles
states-class-outcome_unclear = outcome unclear
states-class-provider_server_error = provider error
states-class-process_crashed = program failed
states-class-empty_output = no output
states-class-idle_stall = stalled
states-class-skill_unavailable = skill missing
states-class-context_overflow = context full
states-class-unresumable_history = session lost
states-class-reported_failed = reported as failed
states-class-verification_failed = checks not passed
states-class-piece_aborted = piece ended it
states-class-invalid_request = request refused
states-class-piece_invalid = piece invalid
states-class-iteration_limit = too many rounds
states-class-fallback_message = gave up
states-class-dependency_failed = dependency failed
states-class-scope_violation = out of bounds
states-class-directory_refused = folder refused
states-class-workspace_failed = folder not prepared
states-class-setup_failed = setup failed
states-class-ask_expired = no answer in time
states-class-unknown = unknown cause

states-refused-no_agent = No agent is ready on this computer: see Agents for what is missing, or choose the piece “script”.
states-refused-agent_unknown = There is no agent “{ $agent }” here.
states-refused-agent_unusable = The agent “{ $agent }” cannot be used: { $why }
states-refused-target_dirty = { $branch } is checked out in { $folder } with changes in it. Commit or stash them, then merge again.
states-refused-conflict = { $task } and { $branch } both changed { $files }. Nothing was merged.
states-refused-branch_in_use = The branch { $branch } is checked out in { $folder }. Switch to another branch there, then discard it again.
states-refused-folder = { $because ->
    [missing] There is no folder { $folder }. Create it first.
    [not_a_folder] { $folder } is not a folder. Name the folder that holds it.
    [root] The root of the file system is no place for a task. Name a project folder.
    [drive_root] The root of a drive is no place for a task. Name a folder on it.
    [home] { $folder } is your home folder or contains it. Name a project folder inside.
    [system] { $folder } belongs to the operating system. Name a project folder.
    [temp] { $folder } is shared by all programs. Make a folder inside it.
    [own_data] Ripieno keeps its own data in { $folder }. Name a project folder.
    [unreadable] You may not read { $folder }. Change its permissions.
    [unwritable] You may not write in { $folder }. Change its permissions.
    [read_only] { $folder } is on a read-only file system. Name a folder that can be written.
    *[other] No task may work in { $folder }.
}
