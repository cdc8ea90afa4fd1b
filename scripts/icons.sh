#!/bin/sh
# Renders every committed icon from icons/mark.svg and icons/tray.svg.
# Needs rsvg-convert (Debian: librsvg2-bin) and the bundler (scripts/setup.sh package).
set -eu
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# --- application icon ------------------------------------------------------
rsvg-convert -w 1024 -h 1024 icons/mark.svg -o "$tmp/mark.png"
packaging/node_modules/.bin/tauri icon "$tmp/mark.png" -o "$tmp/app" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
for file in icon.png icon.ico icon.icns 32x32.png 128x128.png 128x128@2x.png; do
    cp "$tmp/app/$file" "icons/$file"
done

# --- tray icons ------------------------------------------------------------
# States differ by shape first and by colour second; macOS templates are black only.
# The badge sits at the lower right, cut free from the bars by a disc of nothing.
CUT='<circle cx="46" cy="46" r="20" fill="#000"/>'

badge() { # state colour
    case $1 in
    idle) ;;
    needs-you) echo "<circle cx='46' cy='46' r='14' fill='$2'/>" ;;
    failed) echo "<path d='M46 31 L62 59 H30 Z' fill='$2' stroke='$2' stroke-width='3' stroke-linejoin='round'/>" ;;
    running) echo "<circle cx='46' cy='46' r='11' fill='none' stroke='$2' stroke-width='6.5'/>" ;;
    paused) echo "<g fill='$2'><rect x='34' y='32' width='9' height='28' rx='2'/><rect x='49' y='32' width='9' height='28' rx='2'/></g>" ;;
    holding) echo "<path d='M33 31 H59 L48 46 L59 61 H33 L44 46 Z' fill='$2' stroke='$2' stroke-width='2' stroke-linejoin='round'/>" ;;
    update-ready) echo "<path d='M46 30 L61 46 H51 V61 H41 V46 H31 Z' fill='$2' stroke='$2' stroke-width='2' stroke-linejoin='round'/>" ;;
    stopped) echo "<path d='M6 58 L58 6' stroke='$2' stroke-width='7' stroke-linecap='round'/>" ;;
    esac
}

mask() { # state
    case $1 in
    idle) ;;
    stopped) echo "<path d='M6 58 L58 6' stroke='#000' stroke-width='17'/>" ;;
    *) echo "$CUT" ;;
    esac
}

draw() { # state ink badge-colour output
    sed -e "s|INK|$2|" -e "s|MASK|$(mask "$1")|" -e "s|BADGE|$(badge "$1" "$3")|" \
        icons/tray.svg >"$tmp/tray.svg"
    rsvg-convert -w 64 -h 64 "$tmp/tray.svg" -o "$4"
}

mkdir -p icons/tray
while read -r state colour; do
    draw "$state" "#6f86ff" "$colour" "icons/tray/$state.png"
    draw "$state" "#000000" "#000000" "icons/tray/$state-template.png"
done <<'STATES'
stopped #e5484d
needs-you #f5a623
failed #e5484d
running #3b9eff
paused #8b98a9
holding #8b98a9
update-ready #30a46c
idle #6f86ff
STATES
