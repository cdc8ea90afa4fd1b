desktop-entry-name = Ripieno
desktop-entry-kind = AI 智能体的任务队列
desktop-entry-summary = 用您已有的 AI 智能体，在自己的电脑上安全地逐一执行任务队列
desktop-entry-keywords = 智能体;代理;AI;任务;队列;自动化;Claude;Codex;
desktop-entry-new-task = 新建任务
desktop-entry-about = 把工作交给 Ripieno，它会用您已有的 AI 智能体并行运行多个任务，每个任务使用各自的文件夹，必要时向您提问，并且不会丢失您交给它的工作。托盘图标显示当前状况，窗口可以查看和回答一切，命令“ripieno”在终端中也能做到同样的事。
