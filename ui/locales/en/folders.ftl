folders-title = Folders
folders-held = In use now
folders-held-about = One task at a time works in a folder; the next one waits until it is free.
folders-held-none = No task works in a folder of yours.
folders-copies = { $n ->
    [one] One task works in a copy of its repository. It keeps nobody out and is not counted here:
   *[other] { $n } tasks work in copies of their repositories. They keep nobody out and are not counted here:
}
folders-holder = Held by
folders-waiting = { $n ->
    [one] One task waits for it
   *[other] { $n } tasks wait for it
}
folders-keeps-for-answer = It keeps the folder until its question is answered.
folders-keeps-paused = It is paused and keeps the folder.
folders-recent = Recent folders
folders-recent-none = Tasks have not worked in any folder of yours yet.
folders-repository = Git repository
folders-plain = No repository
folders-free = Free
folders-last-used = Last used { $time }
folders-new-task = New task
folders-new-task-in = New task in { $path }
folders-changed = { $n ->
    [one] It has changed one file there so far.
   *[other] It has changed { $n } files there so far.
}
folders-let-in = Let others in
folders-let-in-path = Let others in: { $path }
folders-other-home = worker of { $home }
folders-projects = Projects
folders-projects-about = Agents work only in folders you trust: they read what a folder configures for them. Naming a folder for a task trusts it.
folders-projects-none = No folder is known yet: the first task in one adds it.
folders-mode-auto = Mode by kind of folder
folders-mode-in_place = In place
folders-mode-worktree = In a worktree
folders-trusted = Trusted { $time }
folders-unasked = Not trusted: the next task there asks
folders-refused = You keep agents out
folders-gone = The folder is gone
folders-setup = Before a task:
folders-teardown = After a task:
folders-trust = Trust
folders-untrust = Take trust back
folders-trust-path = Trust { $path }
folders-untrust-path = Take trust back from { $path }
folders-grants = Standing grants
folders-grants-about = What you allowed for every further time in a folder: exactly this and nothing else passes without asking.
folders-grants-none = Nothing stands. "Always allow" at a request, for the folder, adds it here.
folders-grant-since = allowed { $time }
folders-grant-fired = { $n ->
    [one] used once, { $time }
   *[other] used { $n } times, last { $time }
}
folders-grant-unused = not used yet
folders-grant-revoke = Take back
folders-grant-revoke-one = Take { $id } back
folders-clones = Shared repositories
folders-clones-about = Repositories that agents may check out. Each is cloned once for all tasks.
folders-clones-none = None is known: "ripieno repo add" and an address adds one.
folders-clone-fetched = fetched { $time }
folders-clone-absent = not here, fetched when it is wanted
folders-clone-borrowed = { $n ->
    [one] A checkout of a task needs it, so it stays.
   *[other] { $n } checkouts of tasks need it, so it stays.
}
folders-clone-remove = Remove
folders-clone-remove-one = Remove { $url }
folders-space = Space
folders-space-about = What the data folder holds. What tasks were given and delivered is never removed, snapshots neither: they are counted apart.
folders-space-used = { $used } in use
folders-space-used-of = { $used } of { $limit } in use
folders-space-clean = Nothing to clean up
folders-space-free = Free { $size }
folders-space-freed = { $size } freed
folders-space-largest = Tasks that take the most:
folders-space-database = Database
folders-space-backups = Backups
folders-space-worktrees = Worktrees
folders-space-repositories = Shared clones
folders-space-snapshots = Snapshots, counted apart
folders-space-other = Other
folders-space-inputs = Inputs
folders-space-outputs = Outputs
folders-space-workspace = Workspaces
folders-space-artefacts = Build artefacts
folders-space-transcript = Logs
folders-space-raw_log = Raw output
folders-space-spill = Long tool output
folders-space-temp = Temporary files
folders-space-record = Records
folders-slots = 
    { $n ->
        [one] One task at a time
       *[other] { $n } tasks at a time
    }
folders-commit = Commits what a task changes here
folders-co-author = Co-author of commits:
