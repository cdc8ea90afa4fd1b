time-seconds = { $n } 秒
time-minutes = { $n } 分
time-hours = { $n } 時間
time-hours-minutes = { $h } 時間 { $m } 分
time-days = { $n } 日
time-just-now = たった今
time-ago = { $span }前
