#!/usr/bin/env bash
# How much CPU time a request takes in the naive and in the good form of `examples/seed`, for clients that have the catalogue and for those that do not; and the factor.
#
#     examples/seed/load.sh [SECONDS]    of each run (2); needs cargo, wrk and curl, on Linux
set -euo pipefail
seconds=${1:-2}
case $seconds in '' | *[!0-9]* | 0) echo "SECONDS is a whole number from 1, not $seconds" >&2 && exit 2 ;; esac
for tool in wrk curl; do
    command -v "$tool" >/dev/null || { echo "$tool is not installed" >&2 && exit 3; }
done
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cargo build --quiet --release --features response-cache --example seed
output=$(mktemp)
"${CARGO_TARGET_DIR:-target}/release/examples/seed" 127.0.0.1:0 >"$output" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -f "$output"' EXIT
for _ in $(seq 100); do
    [ -s "$output" ] && break
    sleep 0.1
done
url=$(head -1 "$output")

# User and system time of the server so far, in clock ticks. The name in the second field has no blanks.
ticks() { awk '{ print $14 + $15 }' "/proc/$server/stat"; }

# Microseconds of CPU time per request.
cost() { # PATH HEADER
    local before requests
    before=$(ticks)
    requests=$(timeout --kill-after=5 $((seconds + 20)) wrk --threads 1 --connections 16 --duration "${seconds}s" --header "$2" "$url$1" |
        awk '/requests in/ { print $1 }')
    echo "$before $(ticks) $requests $(getconf CLK_TCK)" | awk '{ printf "%.2f", ($2 - $1) / $4 * 1e6 / $3 }'
}

tag() { curl --silent --fail --output /dev/null --dump-header - "$url$1" | tr -d '\r' | awk 'tolower($1) == "etag:" { print $2 }'; }

for kind in "has it already" "has it not"; do
    for path in /naive /good; do
        header="x-nothing: 1"
        [ "$kind" = "has it already" ] && header="if-none-match: $(tag "$path")"
        cost "$path" "$header" >/dev/null # What is warm now stays so.
        declare "${path#/}=$(cost "$path" "$header")"
    done
    # shellcheck disable=SC2154 # Declared by their names.
    echo "client $kind: naive $naive µs, good $good µs of CPU time per request: factor $(echo "$naive $good" | awk '{ printf "%.1f", $1 / $2 }')"
done
