# The launcher, the software centre and the file manager of the desktop read these.
desktop-entry-name = Ripieno
desktop-entry-kind = Task queue for AI agents
desktop-entry-summary = Runs a queue of tasks with your AI agents, safely, on your own machine
desktop-entry-keywords = agent;AI;task;queue;automation;Claude;Codex;
desktop-entry-new-task = New task
desktop-entry-about = You hand Ripieno work; it runs several tasks side by side with the AI agents you already have, each in its own folder, asks you when it must, and cannot lose what you gave it. A tray icon shows how things are, a window shows and answers everything, and the command “ripieno” does the same in a terminal.
