# What the scripts of this folder share. Sourced, not run.
#
# Each takes ADDRESS (127.0.0.1:3000) and SECONDS (5, of each run), and loads a server of the contract that runs already:
#
#     cargo run --profile measure --example contract -- 3000 1
#
# Figures that are compared come from `benches/peers/run`, which takes turns. These are for a look, and for tools that others have.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
address=${1:-127.0.0.1:3000}
seconds=${2:-5}
connections=${CONNECTIONS:-64}
new_user='{"email":"ada@example.com","name":"Ada Lovelace","age":36}'

need() { # TOOL HOW-TO-INSTALL-IT
    command -v "$1" >/dev/null && return
    echo "$1 is not installed: $2" >&2
    exit 3
}

# Whatever happens to the tool or the server, it ends.
bounded() {
    echo "--- $*"
    timeout --kill-after=5 $((seconds + 30)) "$@"
}

need curl "it is in the package curl"
case $seconds in '' | *[!0-9]* | 0) echo "SECONDS is a whole number from 1, not $seconds" >&2 && exit 2 ;; esac
case $address in
127.* | localhost:* | '[::1]':*) ;;
*) echo "ADDRESS is of this machine (127.0.0.1:PORT), not $address: loading others is not what this is for" >&2 && exit 2 ;;
esac
if ! curl --silent --fail --max-time 5 --output /dev/null "http://$address/plaintext"; then
    echo "nothing answers at http://$address/plaintext; start it with: cargo run --profile measure --example contract -- ${address##*:} 1" >&2
    exit 3
fi
