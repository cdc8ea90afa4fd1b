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
