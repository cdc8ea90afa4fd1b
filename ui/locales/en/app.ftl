app-name = Ripieno
app-title = { $text } · Ripieno
app-places = Places
app-inbox = Inbox
app-inbox-count = { $n ->
    [one] { $n } question open
   *[other] { $n } questions open
  }
app-tasks = Tasks
app-agents = Agents
app-folders = Folders
app-settings = Settings
app-new-task = New task
app-new = New
app-more = More
app-close = Close
app-dismiss = Dismiss
app-try-again = Try again
app-pause = Pause
app-pause-finish = Finish running tasks
app-pause-finish-hint = Nothing new starts until you resume
app-pause-suspend = Suspend now
app-pause-suspend-hint = Running tasks stop and go on later; scripts start again from the beginning
app-pause-half-hour = For 30 minutes
app-pause-tomorrow = Until tomorrow 09:00
app-resume = Resume
app-signed-out = Not signed in
app-signed-out-hint = This page is not signed in. Open the address that the worker printed when it started.
app-unreachable-hint = The worker does not answer. Your tasks are safe on disk; start Ripieno again and this page goes on.
app-back = Back
app-bytes = { $n ->
    [one] { $n } byte
   *[other] { $n } bytes
  }
app-notice = { $title }: { $body }
app-open = Open
app-start-worker = Start the worker
app-stopped-hint = The worker has stopped. Your tasks are safe on disk and go on when it starts again.
