#!/usr/bin/env bash
# Passes all tests, from a fresh clone with only rustup present:
#
#     bash scripts/test.sh
#
# Installs rustfmt and clippy through rustup where they are missing, fetches the real films of the decoder tests where
# the network allows (those tests are skipped without them), then checks format, lints and documentation and runs every
# test of the workspace. Needs no GPU, no Python and no ffmpeg.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

# With only rustup installed there may be no toolchain yet, and no path to it in this shell.
[ -d "${CARGO_HOME:-$HOME/.cargo}/bin" ] && PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
if ! command -v cargo >/dev/null || ! cargo --version >/dev/null 2>&1; then
    step "installing the stable toolchain"
    rustup toolchain install stable --profile minimal
    rustup default stable
fi
if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
    step "installing rustfmt and clippy"
    rustup component add rustfmt clippy
fi

step "real films for the decoder tests"
if [ -f scripts/fetch_media.sh ]; then
    bash scripts/fetch_media.sh || echo "not all could be fetched: the tests that need them are skipped"
fi

step "format"
cargo fmt --all --check

step "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

step "tests"
cargo test --workspace --locked

step "all passed"
