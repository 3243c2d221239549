#!/usr/bin/env bash
# The engine beside llama.cpp: models of real shapes with random weights, alternating rounds, one table a model and storage format.
#   bench/engine.sh LLAMA_BIN SCRATCH SHAPE TYPE [option of 'noos bench'...] >> bench/results/engine.md
# LLAMA_BIN has llama-bench and llama-batched-bench, SCRATCH keeps the models; SHAPE and TYPE as 'Noos.Bench random-model' names them.
# Without SHAPE and TYPE everything is measured, which takes an hour or so.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -ge 2 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
llama=$(cd -- "$1" && pwd) scratch=$2
shift 2
export LD_LIBRARY_PATH="$llama${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

measure() {
    local shape=$1 type=$2 model
    shift 2
    model="$scratch/$shape-$type.gguf"
    mkdir -p "$scratch"
    [ -f "$model" ] || dotnet "$root/artifacts/bin/Noos.Bench/release_linux-x64/Noos.Bench.dll" random-model "$model" "$shape" "$type" >&2
    printf '\n## %s, %s\n\n' "$shape" "$type"
    dotnet "$root/artifacts/bin/Noos.Cli/release_linux-x64/noos.dll" bench "$model" --only engine --against "$llama" "$@"
}

if [ $# -ge 2 ]; then
    measure "$@"
else
    for shape in smollm2-135m qwen3-0.6b llama-3.2-1b; do
        for type in q8_0 q4_0 q4_k_m; do
            measure "$shape" "$type" --threads 1,2 --rounds 3
        done
    done
fi
