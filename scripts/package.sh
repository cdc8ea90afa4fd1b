#!/bin/sh
# Makes the packages of this system from programs that are already built.
#
#   scripts/package.sh release   every kind this system can make, in target/release/bundle/
#   scripts/package.sh test      one .deb of the programs that `make test` built; prints its path
#
# What goes into a package stands once, in `stage` below; tauri.conf.json only says where it lands.
set -eu
cd "$(dirname "$0")/.."

STAGE=target/package
BUNDLER=packaging/node_modules/.bin/tauri

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# put MODE SOURCE TARGET: a file with its mode, whatever umask and checkout say.
put() {
    mkdir -p "$(dirname "$3")"
    install -m "$1" "$2" "$3"
}

# stage FOLDER: everything beside the application itself, from the programs built in FOLDER.
stage() {
    command=$1/ripieno
    [ -x "$command" ] || die "$command is missing: run \`make build\` first."
    umask 022
    rm -rf "$STAGE/usr" "$STAGE/zsh"
    share=$STAGE/usr/share doc=$STAGE/usr/share/doc/ripieno
    mkdir -p "$share/man/man1" "$STAGE/zsh" "$doc"

    put 755 "$command" "$STAGE/usr/bin/ripieno"
    "$command" man --dir "$share/man/man1" >/dev/null
    gzip -9nf "$share"/man/man1/*
    chmod 644 "$share"/man/man1/*
    completion bash "$share/bash-completion/completions/ripieno"
    completion fish "$share/fish/vendor_completions.d/ripieno.fish"
    # Where zsh looks differs between Debian and Fedora: the configuration places this one.
    completion zsh "$STAGE/zsh/_ripieno"

    # The bundler renders the sizes of tauri.conf.json; these are named otherwise there than here.
    put 644 icons/mark.svg "$share/icons/hicolor/scalable/apps/ripieno-desktop.svg"
    put 644 "icons/128x128@2x.png" "$share/icons/hicolor/256x256/apps/ripieno-desktop.png"

    put 644 LICENSE-MIT "$doc/LICENSE-MIT"
    put 644 LICENSE-APACHE "$doc/LICENSE-APACHE"
    put 644 packaging/copyright "$doc/copyright"
    node packaging/notices.mjs "$doc/NOTICES"
    gzip -9nf "$doc/NOTICES"

    node packaging/translate.mjs packaging/metainfo.xml.in "$share/metainfo/dev.ripieno.desktop.metainfo.xml"
    node packaging/translate.mjs packaging/ripieno.desktop.in "$STAGE/ripieno.desktop"
}

# completion SHELL FILE
completion() {
    mkdir -p "$(dirname "$2")"
    "$command" completion "$1" >"$2"
}

# particulars PROGRAM...: what the bundler must be told beside tauri.conf.json.
particulars() {
    case $(uname) in
    Linux) # the oldest C library the programs run with, in the words of both kinds of package
        oldest=$(objdump -T "$@" | sed -n 's/.*GLIBC_\([0-9.]*\).*/\1/p' | sort -V | tail -n 1)
        printf '{"bundle":{"linux":{"deb":{"depends":["libc6 (>= %s)"]},"rpm":{"depends":["glibc >= %s"]}}}}' \
            "$oldest" "$oldest"
        ;;
    MINGW* | MSYS*) # a resource in tauri.conf.json would have to exist when the application is compiled
        echo '{"bundle":{"resources":{"target/release/ripieno.exe":"ripieno.exe"}}}'
        ;;
    *) echo '{}' ;;
    esac
}

release() {
    stage target/release
    # AppImages are not among them: their tools come from outside the package registries.
    "$BUNDLER" bundle --config "$(particulars target/release/ripieno target/release/ripieno-desktop)"
}

# The tests install what they test: the same files, with the programs of the profile that is built anyway.
# The bundler writes the kind of package into the program it packs, so it gets a copy.
test_package() {
    stage target/debug
    programs="$STAGE/usr/bin/ripieno $STAGE/debug/ripieno-desktop"
    put 755 target/debug/ripieno-desktop "$STAGE/debug/ripieno-desktop"
    # shellcheck disable=SC2086 # one word per program
    strip $programs
    rm -rf "$STAGE/debug/bundle"
    # shellcheck disable=SC2086
    CARGO_TARGET_DIR=$PWD/$STAGE "$BUNDLER" bundle --debug --bundles deb --config "$(particulars $programs)" >&2
    echo "$PWD/$STAGE"/debug/bundle/deb/*.deb
}

case ${1:-} in
release) release ;;
test) test_package ;;
*) die "name what to make: release or test" ;;
esac
