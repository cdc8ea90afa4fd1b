# 複数の画面で共有する語：ワーカーの概況、状態、質問の種類。

states-glance-stopped = ワーカー停止中
states-glance-starting = 起動中
states-glance-stopping = 終了処理中
states-glance-updating = 更新中
states-glance-questions = 回答待ち { $n } 件
states-glance-failures = 新しい失敗 { $n } 件
states-glance-running = 実行中 { $n } 件・待機 { $q } 件
states-glance-running-paused = 実行中 { $n } 件・待機 { $q } 件（一時停止中）
states-glance-paused = 一時停止中
states-glance-paused-until = { $time } まで一時停止
states-glance-quota = 利用枠の回復待ち
states-glance-quota-until = 利用枠の回復待ち（{ $time }）
states-glance-lane = { $lane } の回復待ち
states-glance-lane-until = { $lane } の回復待ち（{ $time }）
states-glance-update = 待機中になったら更新します
states-glance-queued = 待機 { $n } 件
states-glance-idle = 待機中

states-ask-question = 質問
states-ask-approval = 許可
states-ask-sign_in = サインイン
states-ask-budget = 予算
states-ask-review = レビュー
states-ask-drain = 障害
states-scope-task = このタスクの残りの間
states-scope-project = このフォルダー内
states-scope-always = 今後すべて
states-surface-cli = コマンドライン
states-surface-web = ブラウザー
states-surface-window = ウィンドウ
states-surface-tray = トレイ
states-surface-notification = 通知
states-surface-default = 既定値
states-surface-parent = 親タスク

states-task-queued = 待機中
states-task-waiting = 待ち
states-task-leased = 開始中
states-task-running = 実行中
states-task-paused = 一時停止中
states-task-needs_input = 対応が必要
states-task-needs_verification = 確認中
states-task-done = 完了
states-task-failed = 失敗
states-task-dead = 断念
states-task-cancelled = 中止済み
states-task-named = 「{ $title }」
# 題名のかぎ括弧の外には空白がなく、番号の両側にはあります。
states-task-short = { " " }{ $id }{ " " }
states-priority-low = 低
states-priority-high = 高
states-priority-urgent = 緊急
states-failure = { $class }：{ $line }
states-hold-not_before = { $time } に開始
states-hold-thread = 同じスレッドの{ $task }が進行中
states-hold-slots = スロットがすべて使用中（{ $used }/{ $limit }）
states-hold-lane_full = { $lane } のスロットがすべて使用中（{ $used }/{ $limit }）
states-hold-piece_full = { $piece } の同時実行数の上限（{ $used }/{ $limit }）
states-hold-project_full = { $path } の同時実行数の上限（{ $used }/{ $limit }）
states-hold-lane_hold = { $lane } は { $time } まで保留
states-hold-lane_hold_reason = { $lane } は { $time } まで保留：{ $reason }
states-hold-lane_signed_out = { $lane } はサインアウト中：再度サインインしてください
states-hold-lane_drained = { $lane } は { $failures } 回連続で失敗：質問を確認してください
states-hold-endpoint_down = { $endpoint } は { $time } から応答なし
states-hold-offline = { $time } からネットワークなし
states-hold-budget = 予算 { $cap } は { $time } まで使い切り
states-hold-directory = フォルダー { $path } は{ $holder }が使用中
states-hold-untrusted = { $path } はまだ信頼されていません
states-hold-paused = 一時停止中
states-hold-worker_paused = ワーカーは一時停止中
states-hold-worker_paused_until = ワーカーは { $time } まで一時停止
states-hold-updating = 更新をインストール中
states-hold-outside_schedule = 時間外です。次の開始は { $time }
states-hold-no_runtime = { $what } のエージェントがありません
states-hold-model_unavailable = モデル { $model } は利用できません
states-hold-not_configured = 必要なものがありません：{ $what }
states-hold-vault_locked = キーリングがロックされています
states-hold-disk_space = ディスクの空きが不足：残り { $free } MiB
states-hold-starting = ワーカーは起動中
states-hold-stopping = ワーカーは終了処理中
states-hold-dependency = 先に{ $task }の完了が必要
states-hold-subtasks = サブタスク { $open } 件を待っています
states-hold-ask = { $ask } への回答待ち
states-class-rate_limited = レート制限
states-class-quota_exhausted = 利用枠の上限
states-class-provider_unreachable = 提供元に接続不可
states-class-provider_network = ネットワーク障害
states-class-executable_missing = プログラムなし
states-class-version_unsupported = バージョン非対応
states-class-config_missing = 設定なし
states-class-model_not_loaded = モデル未読み込み
states-class-model_unknown = 不明なモデル
states-class-vault_locked = キーリングがロック中
states-class-disk_full = ディスク満杯
states-class-directory_busy = フォルダー使用中
states-class-interrupted = 中断
states-class-auth_rejected = サインイン拒否
states-class-profile_expired = サインイン期限切れ
states-class-budget_spent = 予算超過
states-class-timeout = 時間切れ
states-class-blocked = 行き詰まり
states-class-loop_unproductive = 堂々巡り
states-class-outcome_unclear = 結果不明
states-class-provider_server_error = 提供元のエラー
states-class-process_crashed = プログラム異常終了
states-class-empty_output = 出力なし
states-class-idle_stall = 停止状態
states-class-skill_unavailable = スキルなし
states-class-context_overflow = コンテキスト超過
states-class-unresumable_history = セッション再開不可
states-class-reported_failed = 失敗の報告
states-class-verification_failed = 検証不合格
states-class-piece_aborted = ピースが終了
states-class-invalid_request = 要求が不正
states-class-piece_invalid = ピースが不正
states-class-iteration_limit = 繰り返し上限
states-class-fallback_message = 断念
states-class-dependency_failed = 依存タスクの失敗
states-class-scope_violation = 範囲外の操作
states-class-directory_refused = フォルダー拒否
states-class-workspace_failed = 作業場所の準備失敗
states-class-setup_failed = セットアップ失敗
states-class-ask_expired = 回答期限切れ
states-class-unknown = 原因不明

states-refused-no_agent = このコンピューターで使えるエージェントがありません。「エージェント」で足りないものを確かめるか、ピースに「script」を選んでください。
states-refused-agent_unknown = エージェント「{ $agent }」はありません。
states-refused-agent_unusable = エージェント「{ $agent }」は使えません：{ $why }
states-refused-target_dirty = { $folder } で { $branch } がチェックアウトされていて、変更があります。コミットまたは stash してから、もう一度マージしてください。
states-refused-conflict = { $task } と { $branch } の両方が { $files } を変更しました。何もマージしていません。
states-refused-branch_in_use = ブランチ { $branch } は { $folder } でチェックアウトされています。そこで別のブランチに切り替えてから、もう一度破棄してください。
states-refused-folder = { $because ->
    [missing] フォルダー { $folder } はありません。先に作成してください。
    [not_a_folder] { $folder } はフォルダーではありません。それを含むフォルダーを指定してください。
    [root] ファイルシステムのルートでは作業できません。プロジェクトのフォルダーを指定してください。
    [drive_root] ドライブのルートでは作業できません。その中のフォルダーを指定してください。
    [home] { $folder } はホームフォルダーか、それを含むフォルダーです。中のプロジェクトフォルダーを指定してください。
    [system] { $folder } は OS のフォルダーです。プロジェクトのフォルダーを指定してください。
    [temp] { $folder } はすべてのプログラムが共用します。その中にフォルダーを作ってください。
    [own_data] { $folder } には Ripieno のデータがあります。プロジェクトのフォルダーを指定してください。
    [unreadable] { $folder } を読み取る権限がありません。アクセス権を変更してください。
    [unwritable] { $folder } に書き込む権限がありません。アクセス権を変更してください。
    [read_only] { $folder } は読み取り専用です。書き込めるフォルダーを指定してください。
    *[other] { $folder } では作業できません。
}
