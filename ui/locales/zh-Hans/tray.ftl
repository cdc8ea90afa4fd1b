# 托盘菜单。

tray-answer = 回答“{ $ask }”
tray-reply = 回复…
tray-open-ask = 打开
tray-deny = 拒绝
tray-more-asks = 另有 { $n } 个问题…
tray-running = 运行中（{ $n }）
tray-failed = 新的失败（{ $n }）
tray-task = { $id } { $title }
tray-show-all = 全部显示…
tray-seen-all = 全部标记为已查看
tray-start-worker = 启动工作进程
tray-new-task = 新建任务…
tray-pause = 暂停
tray-pause-finish = 完成运行中的任务，不再接新任务
tray-pause-suspend = 立即挂起运行中的任务；脚本将从头开始
tray-pause-half-hour = 30 分钟
tray-pause-tomorrow = 到明天 09:00
tray-pause-open = 直到我继续
tray-resume = 继续
tray-keep-awake = 保持唤醒
tray-keep-awake-off = 关闭
tray-keep-awake-ac = 接通电源且有任务运行时
tray-keep-awake-always = 有任务运行时
tray-update-ready =
    { $n ->
        [0] 更新到 { $version } 已就绪
       *[other] 更新到 { $version }：等待 { $n } 个任务
    }
tray-update-look = 检查更新…
tray-update-now = 立即更新；任务会在更新后继续
tray-open = 打开窗口
tray-settings = 设置…
tray-quit = 退出
tray-quit-client = 退出（工作进程继续运行）
tray-quit-busy = 退出（{ $n } 个任务将被挂起，稍后继续）
tray-goes-on = 窗口已关闭，Ripieno 在此继续运行
tray-choose-folder = 选择文件夹
tray-absent = Ripieno 保留在任务栏中
tray-absent-more = 此桌面不显示托盘图标，因此关闭窗口只会将其最小化。任务会继续运行。
tray-absent-stay = 继续运行
tray-busy = { $n } 个任务正在运行
tray-busy-more = 退出会将其挂起，直到下次启动。智能体会从中断处继续，脚本将从头开始。
tray-fault = Ripieno 未在运行
tray-fault-log = 日志位于 { $folder }
tray-fault-close = 关闭
