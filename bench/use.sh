#!/usr/bin/env bash
# Generation as people use it beside llama-server: drawn tokens, one stream and eight together, greedy beside them, in alternating rounds;
# vocabularies of 49,152 and 262,144 tokens in models of real shapes with random weights.
#   bench/use.sh LLAMA_BIN SCRATCH [VOCAB.gguf] [option of 'noos bench'...] >> bench/results/use.md
# LLAMA_BIN has llama-server, SCRATCH keeps the models; VOCAB.gguf brings the larger vocabulary, else a synthetic one of its size is used.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -ge 2 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
llama=$(cd -- "$1" && pwd) scratch=$2
shift 2
vocabulary=()
case ${1-} in *.gguf) vocabulary=("vocab=$1"); shift ;; esac
export LD_LIBRARY_PATH="$llama${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

measure() {
    local shape=$1 type=$2 model
    shift 2
    local make=("$@")
    model="$scratch/$shape-$type.gguf"
    mkdir -p "$scratch"
    [ -f "$model" ] \
        || dotnet "$root/artifacts/bin/Noos.Bench/release_linux-x64/Noos.Bench.dll" random-model "$model" "$shape" "$type" "${make[@]}" >&2
    printf '\n## %s, %s\n' "$shape" "$type"
    while read -r sampling; do
        # shellcheck disable=SC2086 # the options are words
        printf '\n%s\n' "$(dotnet "$root/artifacts/bin/Noos.Cli/release_linux-x64/noos.dll" \
            bench "$model" --only use --against "$llama" $sampling "${options[@]}" < /dev/null)"
    done <<'END'
--temperature 0.7 --top-p 0.9
--temperature 0.7 --top-p 1 --top-k 40
--temperature 0.7 --top-p 1 --min-p 0.05
--temperature 0.7 --top-p 0.9 --top-k 40 --min-p 0.05
--temperature 0.7 --top-p 1 --typical 0.9
--temperature 0.7 --top-p 1 --top-nsigma 1
END
}

options=("$@")
measure smollm2-135m q8_0
measure gemma-3-270m q4_k_m "${vocabulary[@]}"
