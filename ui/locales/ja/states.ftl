# 複数の画面で共有する語：ワーカーの概況、状態、質問の種類。

states-glance-stopped = ワーカー停止中
states-glance-starting = 起動中
states-glance-stopping = 終了処理中
states-glance-updating = 更新中
states-glance-questions = 回答待ち { $n } 件
states-glance-failures = 失敗 { $n } 件
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
