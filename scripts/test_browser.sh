#!/usr/bin/env bash
# Walks through `microau serve` in a real browser and keeps screenshots in target/browser:
#
#     bash scripts/test_browser.sh [BINARY]
#
# Without BINARY the debug build is used, and built where it is missing. Chromium and Playwright are installed where they are
# missing and can be (apt-get as root, pip into target/venv); where they cannot be had, the test is skipped with a note.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${CARGO_TARGET_DIR:-target}"
skip() { printf 'browser test skipped: %s\n' "$*"; exit 0; }

if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && [ -z "${CHROMIUM:-}" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation; } >/dev/null 2>&1 || true
    fi
    command -v chromium >/dev/null || skip "no chromium here, and none could be installed"
fi

python="${BROWSER_PYTHON:-$target/venv/bin/python}"
if ! "$python" -c 'import playwright' 2>/dev/null; then
    python="$target/venv/bin/python"
    command -v python3 >/dev/null || skip "no python3 here"
    { python3 -m venv "$target/venv" && "$python" -m pip install -q -r tests/browser/requirements.txt; } >/dev/null 2>&1 \
        || skip "playwright could not be installed"
fi

binary="${1:-$target/debug/microau}"
[ -x "$binary" ] || cargo build --locked -p microau-cli

# a film that takes some seconds to look at, so that it can be interrupted
film="$target/browser-film"
if [ ! -d "$film" ]; then
    "$binary" synth long --out "$film.new" --seconds 10 --width 480 --height 360 --micro 18 --macro 8 --talking 0 --seed 5
    mv "$film.new" "$film"
fi
"$python" tests/browser/serve.py "$binary" "$target/browser" --film "$(find "$film" -name '*.avi' | sort | head -n 1)"
