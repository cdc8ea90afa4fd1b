# One task: its header, timeline, changes, output and run; links out of the window.

task-tabs = Parts of the task
task-tab-timeline = Timeline
task-tab-changes = Changes
task-tab-output = Output
task-tab-run = Run
task-back = All tasks
task-commands = This task
task-pause = Pause
    .alias = pause stop hold
task-resume = Resume
    .alias = resume go on continue
task-cancel = Cancel
    .alias = cancel stop end
task-retry = Retry
    .alias = retry again run
task-comment = Comment
    .alias = comment say tell
task-movement = { $movement }, { $n } of { $all }
task-sign-of-life = last sign of life { $span }
task-wish-cancel = Cancelling: its processes are being ended
task-wish-pause = Pausing: it stops and goes on when resumed
task-wish-resume = Resuming
task-wish-retry = Retrying
task-transcript = Transcript
task-transcript-empty = Nothing has been said yet. What it says and does appears here.
task-transcript-empty-done = It ended without saying anything.
task-new-entries = { $n } new
task-to-end = To the end
task-divider-again = Attempt { $attempt }: { $movement }
task-thinking = Thinking
task-notes = Brief and checklist
task-plan = Checklist, { $done } of { $all } done
task-step-open = Open:
task-step-current = Under way:
task-step-done = Done:
task-row-ask = It asked:
task-row-error = Error:
task-note-started = started
task-note-resumed = resumed
task-tool-result = Result
task-tool-running = running
task-tool-ok = succeeded
task-tool-error = failed
task-tool-silent = No output.
task-tool-spilled = The whole of it is in the file { $file } of the attempt.
task-lines-more =
    { $n ->
        [one] { $n } line more
       *[other] { $n } lines more
    }
task-history =
    { $attempts ->
        [one] { $attempts } attempt
       *[other] { $attempts } attempts
    }, { $movements ->
        [one] { $movements } movement
       *[other] { $movements } movements
    }, { $asks ->
        [one] { $asks } question
       *[other] { $asks } questions
    }, { $comments ->
        [one] { $comments } comment
       *[other] { $comments } comments
    }
task-history-label = History of “{ $title }”
task-attempt-running = Attempt { $n } on { $lane }
task-attempt-done = Attempt { $n } on { $lane } completed
task-attempt-failed = Attempt { $n } on { $lane } failed
task-attempt-cancelled = Attempt { $n } on { $lane } was stopped
task-attempt-lost = Attempt { $n } on { $lane } was lost with its process
task-attempt-suspended = Attempt { $n } on { $lane } was suspended; it goes on
task-attempt-yielded = Attempt { $n } on { $lane } was put off; no try was used
task-movement-name = { $name }
task-movement-outcome = { $name }: { $outcome }
task-ask-open = { $ask } is open
task-ask-answered = { $ask } was answered by { $by }: { $answer }
task-ask-closed = { $ask } was closed without an answer
task-comment-waits = Comment, not delivered yet
task-comment-reached = Comment, delivered
task-comment-reached-in = Comment, delivered in { $movement }
task-asks = Open questions
task-ask-choose = Choose an answer
    .alias = answer choose
task-comment-send = Send
task-comment-sent = Comment sent.
task-comment-hint-running = Reaches the agent at its next turn.
task-comment-hint-waiting = Goes along with its next prompt.
task-comment-hint-script = A script reads nothing while it runs: it waits for the next attempt.
task-comment-hint-ended = Starts a follow-up task in the same folder and thread.
task-comment-hint-ended-script = Starts a follow-up task: what you write runs as a shell script in the same folder.
task-follow-up = Follow-up
task-follow-up-send = Start follow-up
task-follow-up-added = Follow-up { $id } added.
task-follow-up-open = Open
task-follow-up-overall = What to say besides the comments
task-changes-files =
    { $n ->
        [one] { $n } file changed
       *[other] { $n } files changed
    }
task-changes-counts = { $insertions } lines added, { $deletions } removed
task-changes-whitespace = White space
task-changes-beside = Side by side
task-changes-read = Read again
task-changes-patch = Save as a patch
task-changes-patch-saved = Saved as { $path }
task-changes-none = It changed nothing in its folder.
task-changes-none-yet = It has changed nothing in its folder yet.
task-changes-earlier = The folder had changes of its own before the task began; they are among these.
task-changes-more = There are more changed files than are shown here.
task-changes-tree = Changed files
task-change-added = Added
task-change-untracked = Added, not tracked yet
task-change-modified = Modified
task-change-deleted = Deleted
task-change-renamed = Renamed
task-change-mode = Mode changed
task-change-submodule = Submodule
task-branch-merge = Merge
task-branch-discard = Discard
task-branch-restore = Take back
task-branch-no = Cancel
task-branch-from = from { $onto }
task-branch-merged = merged into { $onto }
task-branch-discarded = discarded
task-branch-stays = Its folder is kept, because git does not hold all of it: { $what }
task-branch-merge-title = Merge into { $onto }?
task-branch-merge-hint = The work on { $branch } comes into { $onto }. A checkout with changes in it is not touched; if a file was changed on both sides, nothing happens and you are told which.
task-branch-discard-title = Discard this branch?
task-branch-discard-hint = { $branch } goes away. You can take it back.
task-branch-merged-now = Merged into { $onto }.
task-branch-discarded-now = { $branch } is discarded.
task-branch-restored = { $branch } is back.
task-branch-resolve = Let the task resolve it
task-branch-resolve-prompt = Merge { $onto } into this branch and resolve the conflicts.
task-rewind = Go back…
    .alias = rewind checkpoint back undo
task-rewind-title = Go back to a checkpoint
task-rewind-hint = Files are put back and the work goes on from there in a new conversation. What is left behind stays a checkpoint.
task-rewind-hint-done = The task is done: a follow-up goes on from there, with the files of that moment.
task-rewind-none = There is no checkpoint to go back to.
task-rewind-points = Checkpoints
task-rewind-movement = Before { $movement }
task-rewind-end = After { $movement }
task-rewind-cleanup = Before its folder went
task-rewind-abandoned = What was left for { $movement }
task-rewind-no-way = No way back: { $why }
task-rewind-text = What it is told
task-rewind-go = Go back
task-diff = Differences
task-diff-modes = mode { $before } to { $after }
task-diff-binary = A binary file: its content is not shown.
task-diff-unread = Too large to be compared, or not readable.
task-diff-empty = An empty file.
task-diff-mode = Only its mode changed.
task-diff-renamed = Only its name changed.
task-diff-submodule = Another commit of a submodule.
task-line-added = Added:
task-line-deleted = Removed:
task-line-cut = { $n } more characters
task-line-unended = no newline at the end
task-comment-on-line = Comment on line { $n }
task-line-comment = Comment on { $path }, line { $n }
task-line-comment-placeholder = What should be different here?
task-line-comment-remove = Remove this comment
task-line-comments =
    { $n ->
        [one] { $n } comment.
       *[other] { $n } comments.
    }
task-line-comments-strayed = Not among these lines, or different by now, and sent all the same:
task-output-empty = It has delivered nothing yet: no result, no files.
task-result = Result
task-evidence = Evidence
task-evidence-hint = What it says can be checked. Nothing here was run for you.
task-check-command = Command
task-check-file = File
task-check-url = Address
task-artifacts = Delivered
task-artifact-file = File
task-artifact-url = Address
task-artifact-branch = Branch
task-output-files =
    { $n ->
        [one] { $n } file
       *[other] { $n } files
    }
task-reveal = Show in folder
task-copy = Copy
task-copied = Copied
task-copy-refused = The clipboard could not be written. Select the text and copy it yourself.
task-run-none = It has not run yet.
task-run-which = Attempt
task-run-newest = { $n }, the newest
task-run-attempt = { $n }
task-run-facts = How it runs
task-run-command = Command
task-run-cwd = Folder
task-run-pid = Process
task-run-slot = Slot
task-run-sandbox = Sandbox
task-run-sandbox-none = none: it runs with your rights
task-run-session = Session
task-run-skills = Skills
task-run-lease = Lease
task-run-lease-held = held by process { $pid } since { $time }
task-run-transcript = Transcript
task-run-size = Size
task-run-size-words =
    { $n ->
        [one] { $n } entry, { $size }
       *[other] { $n } entries, { $size }
    }
task-run-warnings = Warnings
task-run-env = Environment
task-run-env-hint = Names only: values are never stored.
task-run-env-passed = Passed ({ $n })
task-run-env-withheld = Withheld ({ $n })
task-resume-command = Take over by hand
task-resume-command-hint = Goes on with the same conversation in a terminal. Pause or cancel the task first.
task-usage = Usage
task-usage-model = Model
task-usage-input = Input
task-usage-output = Output
task-usage-cache-read = Cache read
task-usage-cache-write = Cache written
task-usage-cost = Cost
task-usage-estimated = Tokens; cost is estimated as the agent reports it.
task-budget-tokens = Budget: { $tokens } tokens
task-budget-money = Budget: { $money }
task-prompt = Asked for
task-created = Added { $time }
task-link-title = Open this link?
task-link-where = It leads out of Ripieno to { $host }.
task-link-mail = It leads out of Ripieno, to your mail program.
task-link-stay = Stay here
task-link-open = Open
