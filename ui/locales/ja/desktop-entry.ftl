desktop-entry-name = Ripieno
desktop-entry-kind = AI エージェントのタスクキュー
desktop-entry-summary = 手元の AI エージェントに、このコンピューター上で安全にタスクを順に実行させます
desktop-entry-keywords = エージェント;AI;タスク;キュー;自動化;Claude;Codex;
desktop-entry-new-task = 新しいタスク
desktop-entry-about = Ripieno に仕事を渡すと、すでにお使いの AI エージェントで複数のタスクを並行して、それぞれ専用のフォルダーで実行します。必要なときには質問し、預かった仕事を失うことはありません。トレイのアイコンで状況を示し、ウィンドウですべてを確認して回答でき、コマンド「ripieno」で端末からも同じことができます。
