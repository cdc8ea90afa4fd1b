#!/bin/sh
# Installs what this project needs and the machine lacks.
#
#   scripts/setup.sh check     the two tools that are expected to be there: Rust and Node
#   scripts/setup.sh build     check, and all that building both programs needs
#   scripts/setup.sh package   build, and the bundler
#   scripts/setup.sh test      package, and all that the tests need
#
# Nothing is fetched when everything is there, so a second call is quick and works offline.
set -eu
cd "$(dirname "$0")/.."

BUILD_PACKAGES="build-essential pkg-config libwebkit2gtk-4.1-dev libayatana-appindicator3-dev librsvg2-dev"
# procps, psmisc and strace are not needed: the tests read /proc themselves.
# The second line is the desktop that the application is driven on. chromium drives the page; the
# fonts are those that Japanese and Chinese words are drawn with.
TEST_PACKAGES="git python3 python3-venv desktop-file-utils appstream \
    xvfb xauth dbus dunst openbox webkit2gtk-driver imagemagick \
    chromium fonts-dejavu-core fonts-noto-cjk"
CARGO_DENY=0.20.2

say() { printf '%s\n' "$*"; }
die() {
    say "error: $*" >&2
    exit 1
}

# at_least FOUND WANTED: compares two dotted versions by their first two numbers.
at_least() {
    found_major=${1%%.*} found_rest=${1#*.}
    wanted_major=${2%%.*} wanted_rest=${2#*.}
    found_minor=${found_rest%%.*} wanted_minor=${wanted_rest%%.*}
    [ "$found_major" -gt "$wanted_major" ] ||
        { [ "$found_major" -eq "$wanted_major" ] && [ "$found_minor" -ge "$wanted_minor" ]; }
}

check_tools() {
    # ~/.cargo/bin is where rustup puts Rust; a fresh shell may not know it yet.
    rust=$(cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9.]*\).*/\1/p')
    [ -n "$rust" ] || die "Rust 1.90 or newer is needed and none was found; install it from https://rustup.rs and run this again."
    at_least "$rust" 1.90 || die "Rust 1.90 or newer is needed and $rust was found; run \`rustup update stable\` and try again."
    node=$(node --version 2>/dev/null | sed -n 's/^v\([0-9.]*\).*/\1/p')
    [ -n "$node" ] || die "Node 20.19 or newer is needed and none was found; install it from https://nodejs.org and run this again."
    at_least "$node" 20.19 || die "Node 20.19 or newer is needed and $node was found; update it from https://nodejs.org and try again."
    command -v npm >/dev/null || die "npm is needed and was not found; it comes with Node from https://nodejs.org."
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "these packages are missing and neither root nor sudo is at hand; install them and run this again: $missing"
    fi
}

apt_install() {
    # A failing update of one foreign source must not stop us: the install tells.
    as_root apt-get update -qq || say "apt-get update complained; trying the install all the same"
    # Where nothing boots (a container, a build machine) a sync per unpacked file only costs minutes.
    [ -d /run/systemd/system ] || set -- -o Dpkg::Options::=--force-unsafe-io "$@"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

packages() {
    missing=
    if ! command -v dpkg-query >/dev/null; then
        [ "$(uname)" != Linux ] || say "No apt here. On this system you need the counterparts of: $*"
        return 0
    fi
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "Installing system packages:$missing"
    # shellcheck disable=SC2086 # one word per package
    apt_install $missing || {
        say "The first attempt failed; trying once more."
        apt_install $missing || die "apt could not install:$missing"
    }
}

# npm_packages FOLDER: installs exactly what the lock file says, once per lock file.
npm_packages() {
    stamp=$1/node_modules/.installed-lock
    cmp -s "$1/package-lock.json" "$stamp" && return 0
    say "Installing npm packages of $1"
    (cd "$1" && { npm ci --no-fund --no-audit || npm ci --no-fund --no-audit; }) || return 1
    cp "$1/package-lock.json" "$stamp"
}

crates() {
    # Offline first: nothing is asked of the network when the lock file is already served.
    cargo fetch --locked --offline >/dev/null 2>&1 || cargo fetch --locked --quiet ||
        cargo fetch --locked
}

rust_components() {
    for component in fmt clippy; do
        cargo "$component" --version >/dev/null 2>&1 && continue
        name=$component
        [ "$name" != fmt ] || name=rustfmt
        say "Installing the Rust component $name"
        rustup component add "$name" || say "The component $name could not be installed; its stage will say so."
    done
}

# No registry of packages ships a current binary of cargo-deny, so it is built
# without optimisation: about a minute on two cores, once.
cargo_deny() {
    have=$(.cache/tools/bin/cargo-deny --version 2>/dev/null || true)
    [ "$have" != "cargo-deny $CARGO_DENY" ] || return 0
    say "Building cargo-deny $CARGO_DENY (about a minute, once)"
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=.cache/tools/build \
        cargo install cargo-deny --version "=$CARGO_DENY" --locked --debug --quiet --root .cache/tools
    rm -rf .cache/tools/build
}

level=${1:-build}
check_tools
[ "$level" != check ] || exit 0

# shellcheck disable=SC2086 # one word per package
packages $BUILD_PACKAGES
npm_packages ui || die "npm could not install the packages of ui/; see the messages above."
crates
[ "$level" != build ] || exit 0

npm_packages packaging || die "npm could not install the bundler; see the messages above."
[ "$level" = test ] || exit 0

# shellcheck disable=SC2086
packages $TEST_PACKAGES
rust_components
cargo_deny
if [ -f tests/agents/package-lock.json ]; then
    npm_packages tests/agents ||
        say "SKIPPED: the real agents could not be installed from npm; tests that drive them will say so."
fi
