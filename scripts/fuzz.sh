#!/bin/sh
# Made-up input for every parser, by libFuzzer on the stable toolchain.
#
#   scripts/fuzz.sh                 all targets, 60 s each
#   scripts/fuzz.sh claude codex    only these; SECONDS_EACH=3600 for longer
#
# What breaks is left in fuzz/artifacts/TARGET; what is new and worth keeping in fuzz/corpus/TARGET is found in target/fuzz/corpus.
set -eu
cd "$(dirname "$0")/.."

TARGETS="claude codex acp generic lines transcript piece manifest"
FIXTURES=src-tauri/crates/ripieno-agents/tests/fixtures
SECONDS_EACH=${SECONDS_EACH:-60}

# What cargo-fuzz passes, but for the sanitizer of addresses, which needs a nightly compiler: without unsafe code there is little for it to find.
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
export CARGO_TARGET_DIR=target/fuzz
# A target of its own keeps the flags from build scripts and macros.
HOST=$(rustc -vV | sed -n 's/^host: //p')
cargo build --locked --release --manifest-path fuzz/Cargo.toml --target "$HOST"

# seeds TARGET: folders that are read, and not written.
seeds() {
    echo "fuzz/corpus/$1"
    case $1 in
    claude | codex | acp | generic) echo "$FIXTURES/$1" ;;
    lines) echo "$FIXTURES/claude" ;;
    transcript) echo "$FIXTURES/acp" ;;
    piece) echo "pieces src-tauri/crates/ripieno-pieces/tests/malformed" ;;
    esac
}

failed=
for target in ${*:-$TARGETS}; do
    printf '\n=== %s\n' "$target"
    mkdir -p "target/fuzz/corpus/$target" "fuzz/artifacts/$target"
    # No input may take more than a second or 256 MiB.
    # shellcheck disable=SC2046 # one word per folder
    "target/fuzz/$HOST/release/$target" -max_total_time="$SECONDS_EACH" -timeout=1 -rss_limit_mb=512 -malloc_limit_mb=256 \
        -max_len=65536 -print_final_stats=1 -artifact_prefix="fuzz/artifacts/$target/" \
        "target/fuzz/corpus/$target" $(seeds "$target") 2>"target/fuzz/$target.log" || failed="$failed $target"
    grep -E '^(stat::|SUMMARY|==[0-9]+==|thread|Test unit)' "target/fuzz/$target.log" || true
done
if [ -n "$failed" ]; then
    printf '\nFAILED:%s (logs in target/fuzz/)\n' "$failed"
    exit 1
fi
