#!/usr/bin/env bash
# What a release takes of a machine: its size, the memory of an idle server, and the time from its start to the first byte of the page.
#   bench/face.sh [RELEASE] [ROUNDS] >> bench/results/face.md
# RELEASE is the folder that ./noos release makes; rounds (7) with the model that ships and without a model alternate, and medians are told.
# "Without a model" is with one elsewhere that nobody asks, since a server has one to speak for.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
release=$(cd -- "${1:-$root/artifacts/release/noos-linux-x64}" && pwd)
rounds=${2:-7}
settle=${SETTLE:-5}
noos="$release/noos"
[ -x "$noos" ] || { echo "There is no release in $release; ./noos release makes one." >&2; exit 66; }
scratch=$(mktemp -d)
pid=
finish() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

now() { echo $((10#${EPOCHREALTIME/[.,]/} / 1000)); }

median() { sort -n "$1" | awk '{ all[NR] = $1 } END { print (NR % 2) ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2 }'; }

# measure NAME [option of 'noos up'...]: a line each to NAME.ms (first byte), NAME.listens, NAME.pss and NAME.rss (KiB)
measure() {
    local name=$1 home="$scratch/$1-home" started line address
    shift
    mkdir -p "$home"
    mkfifo "$scratch/out"
    started=$(now)
    # The settings of whoever measures are none of its.
    env -i HOME="$home" NOOS_HOME="$home" PATH="$PATH" "$noos" up --port 0 "$@" > "$scratch/out" 2> "$scratch/errors" &
    pid=$!
    exec {output}< "$scratch/out"
    rm "$scratch/out"
    IFS= read -r line <&"$output" || { cat "$scratch/errors" >&2; exit 69; }
    address=${line##* }
    echo $(($(now) - started)) >> "$scratch/$name.listens"
    curl -s -o /dev/null "$address"
    echo $(($(now) - started)) >> "$scratch/$name.ms"

    # After the warm-up, which nobody waits for.
    sleep "$settle"
    awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" >> "$scratch/$name.pss"
    awk '/^Rss:/ { print $2 }' "/proc/$pid/smaps_rollup" >> "$scratch/$name.rss"
    kill -TERM "$pid"
    wait "$pid" || true
    pid=
    exec {output}<&-
}

# Once unseen: the first start of a home makes its journal, and the files of the release come into the cache.
measure unseen > /dev/null
measure unseen --model 'http://127.0.0.1:9/v1#none' > /dev/null
for ((round = 0; round < rounds; round++)); do
    measure model
    measure none --model 'http://127.0.0.1:9/v1#none'
done

mib() { awk -v kib="$(median "$1")" 'BEGIN { printf "%.0f", kib / 1024 }'; }

printf '\n## %s, %s processors, load %s, %s rounds\n\n' \
    "$(date -u +%F)" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)" "$rounds"
printf '| what | measured | bar |\n|---|---|---|\n'
printf '| install size without models | %s MB | 200 MB |\n' "$(($(du -sb --exclude=models "$release" | cut -f1) / 1000000))"
printf '| start to the first byte of the page, without a model | %s ms (listens after %s) | 3,000 ms |\n' \
    "$(median "$scratch/none.ms")" "$(median "$scratch/none.listens")"
printf '| the same with the model that ships | %s ms (listens after %s) | 3,000 ms |\n' \
    "$(median "$scratch/model.ms")" "$(median "$scratch/model.listens")"
printf '| idle memory without a model | %s MiB resident, %s MiB proportional | 150 MB |\n' "$(mib "$scratch/none.rss")" "$(mib "$scratch/none.pss")"
printf '| the same with the model that ships | %s MiB resident, %s MiB proportional | |\n' "$(mib "$scratch/model.rss")" "$(mib "$scratch/model.pss")"
