welcome-title = Welcome
welcome-step = Step { $n } of { $of }
welcome-next = Continue
welcome-back = Back
welcome-skip = Skip the welcome
welcome-hello = Ripieno works through your tasks with the agents you already have
welcome-hello-local = Everything runs on this computer: the queue, the agents and your files. There is no account and no server of ours.
welcome-hello-leaves = What leaves it: what an agent sends to its own provider, as if you had started it yourself. Nothing is reported to us.
welcome-hello-kept = Nothing is lost: a task goes on after a crash, a restart or a power cut.
welcome-language = Language
welcome-found = Found on this computer
welcome-found-about = Ripieno drives agents you have installed and signed in to.
welcome-agents = Agents
welcome-models = Local models
welcome-models-about = Model servers that answer on this computer. Ripieno does not drive them itself yet; an agent can use them by its own settings.
welcome-models-count = { $n ->
    [0] No model is loaded
    [one] One model: { $names }
   *[other] { $n } models: { $names }
  }
welcome-models-unreachable = Does not answer at { $url }
welcome-models-looking = Looking…
welcome-no-agent = No agent is ready yet. You can go on: the first task is then a script that checks your setup. Once an agent is installed, look again here or under Agents.
welcome-missing = { $n ->
    [one] One that cannot be used, and why
   *[other] { $n } that cannot be used, and why
}
welcome-folder = Choose a folder
welcome-folder-about = The first task looks at this folder. One task at a time works in a folder, and nothing outside it is changed without asking you.
welcome-folder-label = Folder
welcome-folder-pick = Browse…
welcome-folder-recent = Recent folders
welcome-folder-is-repository = Git repository, branch { $branch }
welcome-folder-is-plain = A folder without a Git repository: changes cannot be compared later.
welcome-folder-is-held = { $holder } works in it; the first task waits until it is free.
welcome-folder-none = Without a folder the task gets an empty one of its own.
welcome-approvals = When should an agent ask you?
welcome-approvals-about = You can change this for each task, and later in the settings.
welcome-ask-risky = For what is risky
welcome-ask-risky-about = Reading and editing inside the folder pass; commands and the network are asked for. Recommended.
welcome-ask-all = For everything
welcome-ask-all-about = Every reading, editing and running is asked for.
welcome-trusted = Only outside the folder
welcome-trusted-about = Inside the folder nothing is asked for, commands and network included. For folders you could lose.
welcome-task = The first task
welcome-task-about = This is what { $agent } will be asked. Change it if you like.
welcome-task-label = Task
welcome-task-prompt = Explain this repository: what it is for, how it is built up, and where to begin reading. Change nothing.
welcome-task-title = Explain this repository
welcome-task-script = A short script checks what is there: git, and the agents it knows. It changes nothing.
welcome-task-script-title = Welcome to Ripieno
welcome-task-start = Start the first task
welcome-choose-agent = Agent
