#!/usr/bin/env bash
# The server, killed with -9 at random moments while eight conversations stream and call tools, and started again: nothing that was
# acknowledged may be lost, no process stuck, and the journal passes its own check.
#   bench/kill.sh [--rounds 200] [--seed 1] [--model FILE.gguf] >> bench/results/kill.md
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
rounds=200 seed=1 model="$root/models/Llama-Noos-Nano.gguf"
while [ $# -ge 2 ]; do
    case $1 in
        --rounds) rounds=$2 ;;
        --seed) seed=$2 ;;
        --model) model=$2 ;;
        *) sed -n '2,4s/^# *//p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
dotnet "$root/artifacts/bin/Noos.Bench/release_linux-x64/Noos.Bench.dll" kill \
    "$root/artifacts/bin/Noos.Cli/release_linux-x64/noos.dll" "$model" "$home" "rounds=$rounds" "seed=$seed"
