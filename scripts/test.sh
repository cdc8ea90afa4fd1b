#!/bin/sh
# Runs every test there is, stage by stage, and prints the time of each.
#
#   scripts/test.sh                 all stages
#   scripts/test.sh fmt clippy      only these
#
# A stage that fails does not stop the others (setup and build do: nothing after
# them could work). The log of each stage stays in target/test-logs/.
set -eu
cd "$(dirname "$0")/.."

# One set of flags for everything that compiles, so that nothing is built twice.
FEATURES="--features ripieno-desktop/custom-protocol"
STAGES="setup ui fmt deny clippy build e2e tests desktop loom"
LOGS=target/test-logs

stage_setup() { scripts/setup.sh test; }

stage_ui() {
    (cd ui && npm run --silent types && npm run --silent lint &&
        npm run --silent test && npm run --silent build)
}

stage_fmt() { component fmt && cargo fmt --all --check; }

stage_deny() {
    .cache/tools/bin/cargo-deny --all-features --locked check \
        --hide-inclusion-graph --allow duplicate bans licenses sources
}

stage_clippy() {
    # shellcheck disable=SC2086 # one word per flag
    component clippy && cargo clippy --locked --workspace --all-targets $FEATURES -- -D warnings
}

stage_build() {
    # shellcheck disable=SC2086
    cargo build --locked --workspace --all-targets $FEATURES
}

# The page in a real browser, served by the real worker: by the page built into the program, so after `ui` and `build`.
stage_e2e() {
    (cd ui && npm run --silent e2e)
}

stage_tests() {
    # shellcheck disable=SC2086
    in_session cargo test --locked --workspace --no-fail-fast $FEATURES
}

# The package of what was built, installed and used as a person does, on a desktop that the tests bring.
stage_desktop() {
    RIPIENO_PACKAGE=$(scripts/package.sh test)
    export RIPIENO_PACKAGE
    # shellcheck disable=SC2086
    cargo test --locked --workspace --no-fail-fast $FEATURES --test package --test installed
}

# Loom replaces what the gate locks with; nothing else is built so, and its own folder keeps the two apart.
stage_loom() {
    RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test --locked --release -p ripieno-gate
}

# component NAME: a toolchain without it skips its stage, and the report says so.
component() {
    cargo "$1" --version >/dev/null 2>&1 || {
        echo "SKIPPED: cargo $1 is not installed and rustup could not add it"
        return 3
    }
}

# in_session COMMAND: gives the tests of the desktop application a display and a
# session bus where the machine has none.
in_session() {
    export NO_AT_BRIDGE=1 # nobody here listens for a screen reader
    if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xvfb-run >/dev/null; then
        # A server that begins anew when its last client leaves refuses the next one in that moment.
        set -- xvfb-run --auto-servernum --server-args="-screen 0 1280x1024x24 -noreset" "$@"
    fi
    if [ -z "${DBUS_SESSION_BUS_ADDRESS:-}" ] && command -v dbus-run-session >/dev/null; then
        set -- dbus-run-session -- "$@"
    fi
    "$@"
}

# What the failed tests said, at the end of the output: that is what is kept of a run elsewhere.
complaints() {
    for name in "$@"; do
        sed 's/\x1b\[[0-9;]*m//g' "$LOGS/$name.log" | grep -aE -A 12 "^thread '.*panicked at|^ *(FAIL|Error:|error\[|error:) ?" | grep -avE '^ +([0-9]+:|at )' | cut -c 1-600 | tail -n 40 || true
    done
}

failed=
report=
run_stage() {
    name=$1
    log=$LOGS/$name.log
    printf '\n=== %s\n' "$name"
    begin=$(date +%s)
    {
        code=0
        (set -e; "stage_$name") 2>&1 || code=$?
        echo "$code" >"$LOGS/$name.code"
    } | tee "$log"
    seconds=$(($(date +%s) - begin))
    case $(cat "$LOGS/$name.code") in
    0) verdict=ok ;;
    3) verdict=SKIPPED ;;
    *)
        verdict=FAILED
        failed="$failed $name"
        ;;
    esac
    report="$report$(printf '%-8s %5d s  %s' "$name" "$seconds" "$verdict")
"
}

# The runners' own summaries: one line per test program, and what vitest counted.
summaries() {
    for name in "$@"; do
        # vitest colours its lines.
        sed 's/\x1b\[[0-9;]*m//g' "$LOGS/$name.log" | grep -E '^ +(Running|Doc-tests)|^test result:|^test .* FAILED|^coverage:|^skipped:|^SKIPPED|^ *(Test Files|Tests) |^ +[0-9]+ (passed|failed|flaky|skipped|did not run)' || true
    done
}

# A function, so that the shell has read all of it before it runs: others may edit this file meanwhile.
main() {
    mkdir -p "$LOGS"
    total=$(date +%s)
    ran=
    for stage in ${*:-$STAGES}; do
        ran="$ran $stage"
        run_stage "$stage"
        case "$stage $failed" in
        setup*setup | build*build) break ;;
        esac
    done

    printf '\n=== summaries\n'
    # shellcheck disable=SC2086 # one word per stage
    summaries $ran
    if [ -n "$failed" ]; then
        printf '\n=== what failed\n'
        # shellcheck disable=SC2086
        complaints $failed
    fi
    printf '\n=== stages\n%stotal    %5d s\n' "$report" "$(($(date +%s) - total))"
    if [ -n "$failed" ]; then
        printf '\nFAILED:%s (logs in %s)\n' "$failed" "$LOGS"
        exit 1
    fi
    exit 0
}

main "$@"
