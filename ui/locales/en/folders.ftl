folders-title = Folders
folders-held = In use now
folders-held-about = One task at a time works in a folder; the next one waits until it is free.
folders-held-none = No folder is in use.
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
