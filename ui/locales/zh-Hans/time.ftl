time-seconds = { $n } 秒
time-minutes = { $n } 分钟
time-hours = { $n } 小时
time-hours-minutes = { $h } 小时 { $m } 分钟
time-days = { $n } 天
time-just-now = 刚刚
time-ago = { $span }前
