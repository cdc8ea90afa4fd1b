#!/bin/sh
# The welcome task: looks for git and the agents Ripieno can drive, writes what it
# found to welcome.md in the task's outputs, and says it in three lines, in the
# language a line before this one may have set: en, ja or zh-Hans.
set -eu

limit=10 # seconds an agent may take to say its version
agents="claude codex gemini opencode qwen copilot"
page=$RIPIENO_OUTPUTS/welcome.md

case ${language:-en} in
ja)
    title='Ripieno へようこそ' here='このコンピューターで見つかったもの:' absent='見つかりません' unknown='バージョン不明' next='次に:'
    works='Ripieno は動いています: このタスクはキューから最後まで実行されました。'
    found_word='見つかったもの' agents_word='エージェント' none='まだありません' details='詳細' hello='こんにちは'
    explain='このリポジトリを説明して'
    ;;
zh-Hans)
    title='欢迎使用 Ripieno' here='在此计算机上找到：' absent='未找到' unknown='版本未知' next='接下来：'
    works='Ripieno 运行正常：此任务已从队列一直运行到结束。'
    found_word='找到' agents_word='智能体' none='暂无' details='详情' hello='你好'
    explain='解释这个仓库'
    ;;
*)
    title='Welcome to Ripieno' here='Found on this machine:' absent='not found' unknown='version unknown' next='Next:'
    works='Ripieno works: this task ran from the queue to its end.'
    found_word='Found' agents_word='agents' none='none yet' details='Details' hello='hello'
    explain='Explain this repository'
    ;;
esac

# version COMMAND: the first line it prints for --version, within the limit.
version() {
    if command -v timeout >/dev/null; then
        line=$(timeout "$limit" "$1" --version 2>/dev/null </dev/null | head -n 1) || line=
    else
        line=$("$1" --version 2>/dev/null </dev/null | head -n 1) || line=
    fi
    printf '%s' "${line:-$unknown}"
}

{
    printf '# %s\n\n%s\n\n' "$title" "$here"
    if command -v git >/dev/null; then
        git_line=$(version git)
    else
        git_line="git: $absent"
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
        printf -- '- %s: %s\n' "$agent" "$absent" >>"$page"
    fi
done

cat >>"$page" <<PAGE

$next

    ripieno task add --piece script --wait "echo $hello"
    ripieno task add --agent claude --dir REPOSITORY --wait "$explain"
    ripieno task list
PAGE

printf '%s\n' "$works"
printf '%s: %s; %s: %s\n' "$found_word" "$git_line" "$agents_word" "${found:-$none}"
printf '%s: %s\n' "$details" "$page"
