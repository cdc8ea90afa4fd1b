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
        [one] { $n } task failed
       *[other] { $n } tasks failed
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
