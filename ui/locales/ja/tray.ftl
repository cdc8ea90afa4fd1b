# トレイのメニュー。

tray-answer = 「{ $ask }」に回答
tray-reply = 返信…
tray-open-ask = 開く
tray-deny = 拒否
tray-more-asks = ほかに { $n } 件の質問…
tray-running = 実行中（{ $n }）
tray-failed = 新しい失敗（{ $n }）
tray-task = { $id } { $title }
tray-show-all = すべて表示…
tray-seen-all = すべて確認済みにする
tray-start-worker = ワーカーを起動
tray-new-task = 新しいタスク…
tray-pause = 一時停止
tray-pause-finish = 実行中のものは最後まで、新規は開始しない
tray-pause-suspend = 実行中のものも今すぐ中断（スクリプトは最初からやり直し）
tray-pause-half-hour = 30 分間
tray-pause-tomorrow = 明日 09:00 まで
tray-pause-open = 再開するまで
tray-resume = 再開
tray-keep-awake = スリープさせない
tray-keep-awake-off = オフ
tray-keep-awake-ac = 電源接続中の実行時
tray-keep-awake-always = 実行時は常に
tray-update-ready =
    { $n ->
        [0] { $version } への更新の準備ができました
       *[other] { $version } への更新は { $n } 件のタスクを待っています
    }
tray-update-look = 更新を確認…
tray-update-now = 今すぐ更新（タスクは更新後に続きます）
tray-open = ウィンドウを開く
tray-settings = 設定…
tray-quit = 終了
tray-quit-client = 終了（ワーカーは動き続けます）
tray-quit-busy = 終了（{ $n } 件のタスクを中断し、次回再開します）
tray-goes-on = ウィンドウを閉じました。Ripieno はここで動き続けます
tray-choose-folder = フォルダーを選択
tray-absent = Ripieno はタスクバーに残ります
tray-absent-more = このデスクトップはトレイアイコンを表示しないため、ウィンドウを閉じても最小化されるだけです。タスクは続行します。
tray-absent-stay = このまま続ける
tray-busy = { $n } 件のタスクが実行中です
tray-busy-more = 終了すると、次回の起動まで中断されます。エージェントは続きから、スクリプトは最初からやり直します。
tray-fault = Ripieno は動いていません
tray-fault-log = ログは { $folder } にあります
tray-fault-close = 閉じる
