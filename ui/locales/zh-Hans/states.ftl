# 多处共用的词语：工作进程概况、状态、提问种类。

states-glance-stopped = 工作进程已停止
states-glance-starting = 正在启动
states-glance-stopping = 正在结束
states-glance-updating = 正在更新
states-glance-questions = { $n } 个问题等待回答
states-glance-failures = { $n } 个任务失败
states-glance-running = { $n } 个运行中，{ $q } 个排队
states-glance-running-paused = { $n } 个运行中，{ $q } 个排队，已暂停
states-glance-paused = 已暂停
states-glance-paused-until = 已暂停至 { $time }
states-glance-quota = 等待额度恢复
states-glance-quota-until = 等待额度恢复（{ $time }）
states-glance-lane = 等待 { $lane } 恢复
states-glance-lane-until = 等待 { $lane } 恢复（{ $time }）
states-glance-update = 空闲时安装更新
states-glance-queued = { $n } 个排队
states-glance-idle = 空闲

states-ask-question = 提问
states-ask-approval = 批准
states-ask-sign_in = 登录
states-ask-budget = 预算
states-ask-review = 审阅
states-ask-drain = 故障
states-scope-task = 在此任务的剩余时间内
states-scope-project = 在此文件夹中
states-scope-always = 从现在起始终
states-surface-cli = 命令行
states-surface-web = 浏览器
states-surface-window = 窗口
states-surface-tray = 托盘
states-surface-notification = 通知
states-surface-default = 默认值
states-surface-parent = 父任务
