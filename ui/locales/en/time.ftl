time-seconds = { $n } s
time-minutes = { $n } m
time-hours = { $n } h
time-hours-minutes = { $h } h { $m } m
time-days = { $n } d
time-just-now = just now
time-ago = { $span } ago
