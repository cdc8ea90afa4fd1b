# Notifications. What stands between quotation marks is not ours: titles, questions, options, reasons.

notify-quote = “{ $text }”
notify-asks = “{ $task }” asks: “{ $question }”
notify-waits = “{ $task }” waits: “{ $question }”
notify-asks-below = “{ $task }” asks
notify-waits-below = “{ $task }” waits for an answer
notify-approval = “{ $task }” asks for permission
notify-sign-in-task = “{ $task }” needs you to sign in
notify-budget = “{ $task }” has reached a limit
notify-review = “{ $task }” is ready to review
notify-drain-task = “{ $task }” cannot go on without you
notify-sign-in = Sign in again: { $lane }
notify-lane = { $lane } cannot go on without you
notify-worker = Ripieno cannot go on without you
notify-failed = “{ $task }” failed
notify-done = “{ $task }” is done
notify-done-time = It took { $minutes } min
notify-done-cost = It took { $minutes } min and about US${ $cost }
notify-held = { $lane } has reached its limit
notify-held-until = Goes on at { $time }
notify-many =
    { $n ->
        [one] { $n } task needs you
       *[other] { $n } tasks need you
    }
notify-many-done =
    { $n ->
        [one] { $n } task is done
       *[other] { $n } tasks are done
    }
notify-late = Already answered by { $by }
notify-by-command = the command
notify-by-window = the window
notify-by-page = the page
notify-by-tray = the tray
notify-by-notification = another notification
notify-by-deadline = its deadline
notify-gone = This question is no longer open
notify-not-taken = The answer was not taken
notify-private-ask = A task needs you
notify-private-failed = A task failed
notify-private-done = A task is done
notify-private-held = A limit is reached
notify-private-not-taken = The answer was not taken
notify-open = Open
notify-reply = Reply…
notify-review-open = Review
notify-deny = Deny
notify-allow-once = Allow once
notify-retry = Try again
notify-trial = Notifications work
notify-trial-body = This is how Ripieno tells you that a task needs you.
