# 多处共用的词语：工作进程概况、状态、提问种类。

states-glance-stopped = 工作进程已停止
states-glance-starting = 正在启动
states-glance-stopping = 正在结束
states-glance-updating = 正在更新
states-glance-questions = { $n } 个问题等待回答
states-glance-failures = { $n } 个新的失败
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
states-ask-approval = 审批
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

states-task-queued = 排队
states-task-waiting = 等待中
states-task-leased = 正在开始
states-task-running = 运行中
states-task-paused = 已暂停
states-task-needs_input = 需要您处理
states-task-needs_verification = 正在核查
states-task-done = 已完成
states-task-failed = 失败
states-task-dead = 已放弃
states-task-cancelled = 已取消
states-task-named = “{ $title }”
# 引号外不留空格，编号两侧留空格。
states-task-short = { " " }{ $id }{ " " }
states-priority-low = 低
states-priority-high = 高
states-priority-urgent = 紧急
states-failure = { $class }：{ $line }
states-hold-not_before = { $time } 开始
states-hold-thread = 同一线程的{ $task }正在进行
states-hold-slots = 所有槽位已占用（{ $used }/{ $limit }）
states-hold-lane_full = { $lane } 的槽位已占满（{ $used }/{ $limit }）
states-hold-piece_full = { $piece } 已达同时运行上限（{ $used }/{ $limit }）
states-hold-project_full = { $path } 已达同时运行上限（{ $used }/{ $limit }）
states-hold-lane_hold = { $lane } 暂缓至 { $time }
states-hold-lane_hold_reason = { $lane } 暂缓至 { $time }：{ $reason }
states-hold-lane_signed_out = { $lane } 已退出登录：请重新登录
states-hold-lane_drained = { $lane } 连续失败 { $failures } 次：请查看其提问
states-hold-endpoint_down = { $endpoint } 自 { $time } 起没有响应
states-hold-offline = 自 { $time } 起没有网络
states-hold-budget = 预算 { $cap } 已用完，至 { $time }
states-hold-directory = 文件夹 { $path } 正被{ $holder }占用
states-hold-untrusted = { $path } 尚未被信任
states-hold-paused = 已暂停
states-hold-worker_paused = 工作进程已暂停
states-hold-worker_paused_until = 工作进程暂停至 { $time }
states-hold-updating = 正在安装更新
states-hold-outside_schedule = 不在工作时段；下次开始于 { $time }
states-hold-no_runtime = 没有可用于 { $what } 的智能体
states-hold-model_unavailable = 模型 { $model } 不可用
states-hold-not_configured = 缺少所需内容：{ $what }
states-hold-vault_locked = 密钥环已锁定
states-hold-disk_space = 磁盘空间不足：剩余 { $free } MiB
states-hold-starting = 工作进程正在启动
states-hold-stopping = 工作进程正在停止
states-hold-dependency = 须先完成{ $task }
states-hold-subtasks = 等待 { $open } 个子任务
states-hold-ask = 等待您回答 { $ask }
states-class-rate_limited = 速率限制
states-class-quota_exhausted = 额度用尽
states-class-provider_unreachable = 无法连接提供方
states-class-provider_network = 网络故障
states-class-executable_missing = 缺少程序
states-class-version_unsupported = 版本不受支持
states-class-config_missing = 缺少配置
states-class-model_not_loaded = 模型未加载
states-class-model_unknown = 未知模型
states-class-vault_locked = 密钥环已锁定
states-class-disk_full = 磁盘已满
states-class-directory_busy = 文件夹被占用
states-class-interrupted = 已中断
states-class-auth_rejected = 登录被拒绝
states-class-profile_expired = 登录已过期
states-class-budget_spent = 预算用完
states-class-timeout = 超时
states-class-blocked = 受阻
states-class-loop_unproductive = 原地打转
states-class-outcome_unclear = 结果不明
states-class-provider_server_error = 提供方错误
states-class-process_crashed = 程序异常退出
states-class-empty_output = 没有输出
states-class-idle_stall = 停滞
states-class-skill_unavailable = 缺少技能
states-class-context_overflow = 上下文已满
states-class-unresumable_history = 会话无法恢复
states-class-reported_failed = 报告失败
states-class-verification_failed = 核查未通过
states-class-piece_aborted = 流程终止
states-class-invalid_request = 请求无效
states-class-piece_invalid = 流程无效
states-class-iteration_limit = 轮次过多
states-class-fallback_message = 放弃
states-class-dependency_failed = 依赖失败
states-class-scope_violation = 越界操作
states-class-directory_refused = 文件夹被拒绝
states-class-workspace_failed = 工作区准备失败
states-class-setup_failed = 设置失败
states-class-ask_expired = 未及时回答
states-class-unknown = 原因不明

states-refused-no_agent = 这台电脑上没有可用的智能体：请在“智能体”中查看缺少什么，或选择流程“script”。
states-refused-agent_unknown = 这里没有智能体“{ $agent }”。
states-refused-agent_unusable = 智能体“{ $agent }”不可用：{ $why }
states-refused-target_dirty = { $folder } 检出了 { $branch } 且有未提交的改动。请先提交或贮藏，再重新合并。
states-refused-conflict = { $task } 和 { $branch } 都修改了 { $files }。没有合并任何内容。
states-refused-branch_in_use = 分支 { $branch } 在 { $folder } 中已检出。请在那里切换到其他分支，再重新丢弃。
states-refused-folder = { $because ->
    [missing] 没有文件夹 { $folder }。请先创建它。
    [not_a_folder] { $folder } 不是文件夹。请指定它所在的文件夹。
    [root] 不能在文件系统的根目录中工作。请指定项目文件夹。
    [drive_root] 不能在驱动器的根目录中工作。请指定其中的文件夹。
    [home] { $folder } 是您的主文件夹或包含它。请指定其中的项目文件夹。
    [system] { $folder } 属于操作系统。请指定项目文件夹。
    [temp] { $folder } 由所有程序共用。请在其中新建文件夹。
    [own_data] Ripieno 自己的数据在 { $folder } 中。请指定项目文件夹。
    [unreadable] 您无权读取 { $folder }。请更改其权限。
    [unwritable] 您无权写入 { $folder }。请更改其权限。
    [read_only] { $folder } 位于只读文件系统上。请指定可写入的文件夹。
    *[other] 任务不能在 { $folder } 中工作。
}
