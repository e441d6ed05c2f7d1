#!/usr/bin/env bash
# Type-checks the program with every graphics backend that this system can compile, without a card:
#
#     bash scripts/check_devices.sh
#
# cuda and rocm fetch LLVM when they are built; DOCS_RS, which burn's build scripts know, leaves that out of a check.
set -euo pipefail
cd "$(dirname "$0")/.."
DOCS_RS=1 cargo check --locked -p microau-cli --features cuda,rocm,vulkan,wgpu
