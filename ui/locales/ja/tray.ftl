# トレイのメニュー。

tray-pause-finish = 実行中のものは最後まで、新規は開始しない
tray-resume = 再開
tray-quit = 終了
tray-quit-client = 終了（ワーカーは動き続けます）
tray-quit-busy = 終了（{ $n } 件のタスクを中断し、次回再開します）
