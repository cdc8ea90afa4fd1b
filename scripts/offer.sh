#!/bin/sh
# Signs the newest published release of each channel, offers it at the address that builds know, and checks what is
# offered as an updater would. For .github/workflows/release.yml; docs/updates.md says how it is done by hand.
#
# Needs: gh with access to GITHUB_REPOSITORY; RIPIENO_UPDATE_KEY_TEXT (a minisign secret key) and, where it has one,
# RIPIENO_UPDATE_KEY_PASSWORD; RIPIENO_UPDATE_KEYS and RIPIENO_UPDATE_SOURCE as builds have them.
set -eu
cd "$(dirname "$0")/.."

tool=target/release/ripieno-release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
printf '%s\n' "$RIPIENO_UPDATE_KEY_TEXT" >"$work/key"
export RIPIENO_UPDATE_KEY="$work/key"

# newest PRE-RELEASE: the tag of the newest published release that is one, or is none.
newest() {
    gh release list --repo "$GITHUB_REPOSITORY" --exclude-drafts --limit 50 --json tagName,isPrerelease,publishedAt \
        --jq "[.[] | select((.tagName | startswith(\"v\")) and ($1))] | sort_by(.publishedAt) | last | .tagName // empty"
}

# offer CHANNEL TAG
offer() {
    channel=$1 tag=$2 files=$work/$1
    mkdir -p "$files" "$work/offered"
    gh release download "$tag" --repo "$GITHUB_REPOSITORY" --dir "$files"
    # What a person downloads is what the build made.
    (cd "$files" && sha256sum --check --quiet SHA256SUMS)
    set --
    for target in $(cd "$files" && ls | sed -n 's/^\(linux-[a-z0-9_]*-\(command\|desktop\|deb\|rpm\)\)-.*/\1/p' | sort -u); do
        names=$(ls "$files/$target"-* | paste -sd, -)
        set -- "$@" "$target=$names"
    done
    RIPIENO_UPDATE_NOTES="https://github.com/$GITHUB_REPOSITORY/releases/tag/$tag" \
        "$tool" publish "$work/offered" "$channel" "${tag#v}" "$(date +%s)" \
        "https://github.com/$GITHUB_REPOSITORY/releases/download/$tag/" "$@"
}

stable=$(newest '.isPrerelease | not')
# Whoever wants what comes before a release also wants the release.
beta=$(newest true)
[ -n "$stable" ] && offer stable "$stable"
[ -n "$beta" ] && offer beta "$beta"

gh release view updates --repo "$GITHUB_REPOSITORY" >/dev/null 2>&1 ||
    gh release create updates --repo "$GITHUB_REPOSITORY" --prerelease --title "What updaters read" --notes "See docs/updates.md."
gh release upload updates --repo "$GITHUB_REPOSITORY" --clobber "$work"/offered/*
for channel in stable beta; do
    eval "tag=\$$channel"
    [ -z "$tag" ] || "$tool" check "$RIPIENO_UPDATE_SOURCE" "$channel" "${tag#v}"
done
