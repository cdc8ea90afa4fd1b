#!/bin/sh
# Builds both programs, starts Ripieno, and shows a newcomer the welcome task.
# RUN_ONCE=1 stops the worker in order after the welcome task.
set -eu
cd "$(dirname "$0")/.."
begin=$(date +%s)

scripts/setup.sh build
(cd ui && npm run --silent build -- --logLevel warn)
echo "Building both programs (some minutes the first time)."
cargo build --locked -p ripieno-cli -p ripieno-desktop --features ripieno-desktop/custom-protocol

PATH=$PWD/target/debug:$PATH
export PATH
printf '\nTo use the command in another terminal:\n\n    export PATH="%s:$PATH"\n\n' "$PWD/target/debug"

log=$(mktemp)
worker=
finish() {
    [ -z "$worker" ] || kill -TERM "$worker" 2>/dev/null || true
}
cleanup() {
    rm -f "$log"
}
trap cleanup EXIT
trap finish INT TERM HUP

# A session of its own: Ctrl-C reaches this script only, which then asks for an orderly quit.
start() {
    if command -v setsid >/dev/null; then
        setsid "$@" >"$log" &
    else
        "$@" >"$log" &
    fi
    worker=$!
}

answers() { ripieno status >/dev/null 2>&1; }

if answers; then
    echo "A worker is already running; using it."
elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    echo "Starting the tray application."
    start ripieno-desktop
else
    echo "No display: starting the headless worker."
    start ripieno daemon run --web 127.0.0.1:0 --json
fi

tries=0
until answers; do
    if [ -n "$worker" ] && ! kill -0 "$worker" 2>/dev/null; then
        wait "$worker" || code=$?
        echo "error: the worker ended before it was ready (exit ${code:-0}); its message is above." >&2
        exit 1
    fi
    tries=$((tries + 1))
    [ "$tries" -le 300 ] || {
        echo "error: the worker was not ready within 60 seconds; see its log with: ripieno doctor" >&2
        finish
        exit 1
    }
    sleep 0.2
done

# field EXPRESSION: reads JSON from stdin and prints what the expression makes of `view`.
field() { node -e "const view = JSON.parse(require('fs').readFileSync(0, 'utf8')); console.log($1)"; }

if [ -s "$log" ]; then
    web=$(head -n 1 "$log" | field "view.web || ''" 2>/dev/null) || web=
    [ -z "$web" ] || echo "Status page: $web"
fi

result=0
if [ "$(ripieno task list --limit 1 --json | field 'view.tasks.length')" -eq 0 ]; then
    echo "The task list is empty: submitting the welcome task."
    view=$(ripieno task add --piece script --key welcome --title Welcome \
        --file scripts/welcome.sh --wait --json) || result=$?
    printf '\n'
    printf '%s' "$view" | field "view.result ? view.result.summary : JSON.stringify(view, null, 2)"
    printf '\n'
fi
echo "Ready after $(($(date +%s) - begin)) s."

if [ -n "${RUN_ONCE:-}" ]; then
    finish
elif [ -n "$worker" ]; then
    echo "Running. Ctrl-C quits in order; tasks at work go on at the next start."
fi

# A trapped signal ends `wait` early: wait until the process is really gone.
while [ -n "$worker" ] && kill -0 "$worker" 2>/dev/null; do
    wait "$worker" || true
done
exit "$result"
