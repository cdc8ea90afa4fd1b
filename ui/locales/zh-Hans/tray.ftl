# 托盘菜单。

tray-pause-finish = 完成运行中的任务，不再接新任务
tray-resume = 继续
tray-quit = 退出
tray-quit-client = 退出（工作进程继续运行）
tray-quit-busy = 退出（{ $n } 个任务将被挂起，稍后继续）
