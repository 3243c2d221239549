#!/usr/bin/env bash
# Many open tabs of the chat page while answers stream to some of them, from a scripted endpoint at 200 tokens per second each; and what one
# such stream costs, with its tab and without, from that endpoint and beside the engine's own threads. Tabs are real circuits without a browser.
#   bench/pages.sh [NOOS] >> bench/results/pages.md
# NOOS is noos.dll or the program of a release; the build of this clone where it is left out.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
noos=${1:-$root/artifacts/bin/Noos.Cli/release_linux-x64/noos.dll}
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
measure() {
    dotnet "$root/artifacts/bin/Noos.Bench/release_linux-x64/Noos.Bench.dll" pages "$noos" "$home/$RANDOM$RANDOM" "$@"
}

printf '\n## %s, %s processors, load %s\n\n' "$(date -u +%F)" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
measure name="one stream with its tab" tabs=1 streams=1 seconds=60
measure name="one stream without a tab" tabs=0 streams=1 seconds=60 watch=false
dotnet "$root/artifacts/bin/Noos.Bench/release_linux-x64/Noos.Bench.dll" random-model "$home/135m.gguf" smollm2-135m q8_0
measure name="one stream with its tab, from a model here" tabs=1 streams=1 seconds=60 warm=80 model="$home/135m.gguf"
measure name="200 tabs, 50 streams" tabs=200 streams=50 seconds=300
