#!/bin/sh
# The welcome task: looks for git and the agents Ripieno can drive, writes what it
# found to welcome.md in the task's outputs, and says it in three lines.
set -eu

limit=10 # seconds an agent may take to say its version
agents="claude codex gemini opencode qwen copilot"
page=$RIPIENO_OUTPUTS/welcome.md

# version COMMAND: the first line it prints for --version, within the limit.
version() {
    if command -v timeout >/dev/null; then
        line=$(timeout "$limit" "$1" --version 2>/dev/null </dev/null | head -n 1) || line=
    else
        line=$("$1" --version 2>/dev/null </dev/null | head -n 1) || line=
    fi
    printf '%s' "${line:-version unknown}"
}

{
    printf '# Welcome to Ripieno\n\nFound on this machine:\n\n'
    if command -v git >/dev/null; then
        git_line=$(version git)
    else
        git_line="git: not found"
    fi
    printf -- '- %s\n' "$git_line"
} >"$page"

found=
for agent in $agents; do
    if command -v "$agent" >/dev/null; then
        has=$(version "$agent")
        found="$found${found:+, }$agent $has"
        printf -- '- %s: %s\n' "$agent" "$has" >>"$page"
    else
        printf -- '- %s: not found\n' "$agent" >>"$page"
    fi
done

cat >>"$page" <<'PAGE'

Next:

    ripieno task add --piece script --wait "echo hello"
    ripieno task add --agent claude --dir REPOSITORY --wait "Explain this repository"
    ripieno task list
PAGE

printf 'Ripieno works: this task ran from the queue to its end.\n'
printf 'Found: %s; agents: %s\n' "$git_line" "${found:-none yet}"
printf 'Details: %s\n' "$page"
