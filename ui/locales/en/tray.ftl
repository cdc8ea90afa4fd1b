# The menu of the tray.

tray-answer = Answer “{ $ask }”
tray-reply = Reply…
tray-open-ask = Open
tray-deny = Deny
tray-more-asks =
    { $n ->
        [one] { $n } more question…
       *[other] { $n } more questions…
    }
tray-running = Running ({ $n })
tray-failed = New failures ({ $n })
tray-task = { $id } { $title }
tray-show-all = Show all…
tray-seen-all = Mark all as seen
tray-start-worker = Start worker
tray-new-task = New task…
tray-pause = Pause
tray-pause-finish = Finish running, take nothing new
tray-pause-suspend = Suspend running now; scripts start anew
tray-pause-half-hour = For 30 minutes
tray-pause-tomorrow = Until tomorrow 09:00
tray-pause-open = Until I resume
tray-resume = Resume
tray-keep-awake = Keep awake
tray-keep-awake-off = Off
tray-keep-awake-ac = While running on AC
tray-keep-awake-always = While running
tray-update-ready =
    { $n ->
        [0] Update to { $version } is ready
        [one] Update to { $version } waits for { $n } task
       *[other] Update to { $version } waits for { $n } tasks
    }
tray-update-look = Look for updates…
tray-update-now = Update now; tasks go on afterwards
tray-open = Open window
tray-settings = Settings…
tray-quit = Quit
tray-quit-client = Quit; the worker goes on
tray-quit-busy =
    { $n ->
        [one] Quit; { $n } task will be suspended and resume later
       *[other] Quit; { $n } tasks will be suspended and resume later
    }
tray-goes-on = The window is closed; Ripieno goes on here
tray-choose-folder = Choose a folder
tray-absent = Ripieno stays in the taskbar
tray-absent-more = This desktop shows no tray icons, so closing the window only minimises it. Your tasks go on.
tray-absent-stay = Keep running
tray-busy =
    { $n ->
        [one] { $n } task is at work
       *[other] { $n } tasks are at work
    }
tray-busy-more = Quitting suspends them until the next start. Agents go on where they were; scripts start anew.
tray-fault = Ripieno is not running
tray-fault-log = The log is in { $folder }
tray-fault-close = Close
