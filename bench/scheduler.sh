#!/usr/bin/env bash
# Agents that keep a machine busy while a person speaks now and then: this server, whose scheduler knows who waits, beside llama-server with
# the same GGUF file. The shipped model and a 135M shape with random weights; 1, 8 and 32 agents.
#   bench/scheduler.sh LLAMA_BIN SCRATCH [SECONDS=30] [AGENTS...] >> bench/results/scheduler.md
# LLAMA_BIN has llama-server, SCRATCH keeps the model. TOOL=20 for tools that take 20 ms instead of 100; ROUNDS=3 for three rounds in turn.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -ge 2 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
llama=$(cd -- "$1" && pwd) scratch=$2 seconds=${3-30}
shift $(($# < 3 ? $# : 3))
agents=("$@")
[ $# -gt 0 ] || agents=(1 8 32)
export LD_LIBRARY_PATH="$llama${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
bench() { dotnet "$root/artifacts/bin/Noos.Bench/release_linux-x64/Noos.Bench.dll" "$@"; }
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null' EXIT

wait_for() {
    for _ in $(seq 120); do
        curl -sf "http://127.0.0.1:$1/health" >/dev/null && return
        sleep 0.5
    done
    echo "The server on port $1 did not start." >&2
    exit 1
}

measure() {
    local title=$1 model=$2 window=$3 count
    shift 3
    printf '\n## %s\n\n' "$title"
    echo "| server | agents | tokens/s of the agents | limit of the tools | person waits, ms: median | 95% | longest | Jain | questions |"
    echo "|---|---|---|---|---|---|---|---|---|"
    for count in "${agents[@]}"; do
        for which in $(for _ in $(seq "${ROUNDS-1}"); do echo noos llama; done); do
            local port=$((20000 + RANDOM % 20000))
            if [ $which = noos ]; then
                NOOS_HOME=$(mktemp -d) dotnet "$root/artifacts/bin/Noos.Cli/release_linux-x64/noos.dll" up --model "$model" --port $port \
                    --parallel "$count" >/dev/null 2>&1 &
            else
                # A slot for each agent and one more, so that the person need not wait for a free one.
                "$llama/llama-server" -m "$model" --host 127.0.0.1 --port $port -t "$(nproc)" -tb "$(nproc)" -np $((count + 1)) \
                    -c $(((count + 1) * window)) >/dev/null 2>&1 &
            fi
            server=$!
            wait_for $port
            bench scheduler "http://127.0.0.1:$port" api=$which "agents=$count" "seconds=$seconds" "tool=${TOOL-100}" "$@"
            kill "$server"
            wait "$server" 2>/dev/null || true
            server=
        done
    done
}

mkdir -p "$scratch"
[ -f "$scratch/smollm2-135m-ascii.gguf" ] || bench random-model "$scratch/smollm2-135m-ascii.gguf" smollm2-135m q8_0 ascii=true >&2
[ "${SKIP_NANO-}" ] || measure "the shipped model" "$root/models/Llama-Noos-Nano.gguf" 512 words=15 generate=24
measure "smollm2-135m, q8_0" "$scratch/smollm2-135m-ascii.gguf" 2048 words=100 generate=48
