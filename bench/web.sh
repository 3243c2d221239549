#!/usr/bin/env bash
# The whole way on a real web without a network: documentation packages of Debian as virtual hosts, crawled, cleaned, made into shards and
# an index, a question searched and its citation opened as it was fetched, a site opted out. Writes a report with times, sizes and cost,
# and ends with an error where the numbers do not add up.
#   bench/web.sh [--out FOLDER] [--packages "apache2-doc ..."] [--workers 2] [--price 0.04] >> bench/results/web.md
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
out="" workers=2 price=0.04 packages="apache2-doc postgresql-doc-15 python-django-doc debian-policy developers-reference"
while [ $# -ge 2 ]; do
    case $1 in
        --out) out=$2 ;;
        --packages) packages=$2 ;;
        --workers) workers=$2 ;;
        --price) price=$2 ;;
        *) sed -n '2,5s/^# *//p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done
keep=$out
out=${out:-$(mktemp -d)}
mkdir -p "$out"
out=$(cd "$out" && pwd)
server=""
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -n "$keep" ] || rm -rf "$out"
}
trap finish EXIT
noos() { NOOS_HOME="$out/home" dotnet "$root/artifacts/bin/Noos.Cli/release_linux-x64/noos.dll" "$@"; }
fail() { echo "web.sh: $*" >&2; exit 1; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }

# Each package is a host; what it has under /usr/share/doc is its web.
mkdir -p "$out/packages" "$out/web"
seeds="$out/seeds.txt"
: > "$seeds"
for package in $packages; do
    host=${package//./-}.test
    if [ ! -d "$out/web/$host" ]; then
        (cd "$out/packages" && ls "${package}"_*.deb >/dev/null 2>&1 || (cd "$out/packages" && apt-get download -q "$package" >/dev/null))
        dpkg -x "$out"/packages/"${package}"_*.deb "$out/packages/$package"
        doc=$(find "$out/packages/$package/usr/share/doc" -mindepth 1 -maxdepth 1 -type d -printf '%s %p\n' | sort -k2 | head -1 | cut -d' ' -f2)
        mkdir -p "$out/web/$host"
        cp -rL "$doc/." "$out/web/$host/" 2>/dev/null || true
        [ -d "$out/packages/$package/usr/share/doc/apache2-doc/manual" ] && cp -r "$out/packages/$package/usr/share/doc/apache2-doc/manual" "$out/web/$host/" || true
    fi
    # Every host begins at a list of its pages, as a sitemap would.
    (cd "$out/web/$host" && find . \( -name '*.html' -o -name '*.html.en' -o -name '*.xhtml' \) -type f | sort | sed 's|^\./||; s|\.en$||' \
        | awk -v title="$package" 'BEGIN { print "<!doctype html><html lang=en><title>" title "</title><h1>" title "</h1><ul>" } { print "<li><a href=\"/" $0 "\">" $0 "</a>" } END { print "</ul></html>" }') > "$out/list.html"
    mv "$out/list.html" "$out/web/$host/noos-list.html"
done

dotnet "$root/artifacts/bin/Noos.Bench/release_linux-x64/Noos.Bench.dll" documentation-web "$out/web" > "$out/port" &
server=$!
for _ in $(seq 100); do [ -s "$out/port" ] && break; sleep 0.1; done
port=$(cat "$out/port")
for host in "$out"/web/*/; do echo "http://$(basename "$host"):$port/noos-list.html"; done > "$seeds"

start=$(now)
noos crawl "@$seeds" --out "$out/crawl" --scope host --delay 0 --address-delay 0 --concurrency 16 --resolve '*.test=127.2.0.0/16' \
    --private-host "*.test:$port" --no-tdm-file > "$out/crawl.txt"
crawled=$(since "$start")
kill "$server"; server=""

start=$(now)
noos clean "$out/crawl" --out "$out/corpus" --workers "$workers" --range-size 4M > "$out/clean.txt"
cleaned=$(since "$start")

cat > "$out/web.toml" <<TOML
name = "Web"
[tokenizer]
vocabulary = 4096
conversation_megabytes = 0
[[sources]]
name = "web"
path = "corpus"
format = "corpus"
tokenizer_megabytes = 4
licence = "free documentation of Debian's packages"
TOML
start=$(now)
noos tokenizer "$out/web.toml" --data "$out" --out "$out/run" > "$out/tokenizer.txt" 2>&1
noos shards "$out/web.toml" --data "$out" --out "$out/run" > "$out/shards.txt" 2>&1
sharded=$(since "$start")

start=$(now)
noos index add "$out/corpus" > "$out/index.txt"
indexed=$(since "$start")
noos search --source local --limit 1 --json "Which directive limits the size of a request body?" > "$out/hit.json"
address=$(sed -n 's/.*"address": *"\([^"]*\)".*/\1/p' "$out/hit.json" | head -1)
[ -n "$address" ] || fail "the search found nothing"
noos index show "$address" --as-fetched > "$out/cited.html" 2> "$out/cited.txt"
host=$(echo "$address" | cut -d/ -f3 | cut -d: -f1)
path=$(echo "$address" | cut -d/ -f4-)
for file in "$out/web/$host/$path" "$out/web/$host/$path.en" "$out/web/$host/${path}index.html" "$out/web/$host/${path}index.html.en"; do
    [ -f "$file" ] && break
done
cmp -s "$file" "$out/cited.html" || fail "the page behind the citation $address is not what was served"
noos corpus report "$out/corpus" --price "$price" > "$out/report.txt"
noos corpus opt-out "$out/corpus" "$host" --runs "$out/run" > "$out/opt-out.txt"
noos index show "$address" --as-fetched > /dev/null 2>&1 && fail "$address is still in the index after it was opted out"

dotnet "$root/artifacts/bin/Noos.Bench/release_linux-x64/Noos.Bench.dll" documentation-report "$out" "$price" "$address" "$packages" \
    "$crawled" "$cleaned" "$sharded" "$indexed"
