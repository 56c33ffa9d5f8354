#!/usr/bin/env bash
# Runs the emulator tests with the tool nanoclr, where it is installed and the project is built.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v nanoclr >/dev/null; then
    echo "skipped: nanoclr not found"
    exit 0
fi

shopt -s nullglob
assemblies=(bin/Release/*.pe bin/Debug/*.pe)
if [ ${#assemblies[@]} -eq 0 ]; then
    echo "skipped: TinyInference.Emulator.nfproj is not built (it needs the nanoFramework project system)"
    exit 0
fi

nanoclr run --assemblies "$(dirname "${assemblies[0]}")"/*.pe
