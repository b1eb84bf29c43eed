#!/bin/sh
# Counts elections that nothing called for: starts three nodes in processes of their own, waits for
# their first leader, and watches them for a while, beside processes that spin if asked.
#
#   node/src/test/sh/elections.sh [SECONDS [SPINNERS]]     (300 and 0)
#
# The last line is for scripts: ELECTIONS seconds=N spinners=N spurious=N. Exit code 0 only if none
# was spurious. Not part of the build: what it shows depends on the machine and takes minutes.
set -eu

seconds=${1:-300}
spinners=${2:-0}
root=$(cd "$(dirname "$0")/../../../.." && pwd -P)
folder=$(mktemp -d "${TMPDIR:-/tmp}/balsa-elections.XXXXXX")
pids=''

stop() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

elections() { cat "$folder"/*.log | grep -c 'leads in term' || true; }

"$root/balsa" --version >"$folder/build.log" # builds what is not built
base=$((20000 + $$ % 10000))
for id in 1 2 3; do
  {
    echo "node.id=$id"
    echo "data.folder=$folder/node$id"
    echo "listen=127.0.0.1:$((base + id))"
    for peer in 1 2 3; do
      [ "$peer" = "$id" ] || echo "peer.$peer=127.0.0.1:$((base + peer))"
    done
  } >"$folder/node$id.properties"
  "$root/balsa" node --config "$folder/node$id.properties" >"$folder/node$id.log" 2>&1 &
  pids="$pids $!"
done

waited=0
until [ "$(cat "$folder"/node?.log | grep -c 'follows node')" -ge 2 ]; do
  sleep 1
  waited=$((waited + 1))
  if [ "$waited" -ge 120 ]; then
    cat "$folder"/node?.log >&2
    echo 'elections.sh: no leader within two minutes' >&2
    exit 1
  fi
done
sleep 5 # the nodes have just started; their code is still being compiled

i=0
while [ "$i" -lt "$spinners" ]; do
  (while :; do :; done) &
  pids="$pids $!"
  i=$((i + 1))
done

before=$(elections)
sleep "$seconds"
after=$(elections)
for pid in $pids; do
  kill -0 "$pid" 2>/dev/null || { cat "$folder"/node?.log >&2; echo 'a process has ended' >&2; exit 1; }
done
spurious=$((after - before))
[ "$spurious" -eq 0 ] || grep -h 'leads\|follows\|stands' "$folder"/node?.log >&2
echo "ELECTIONS seconds=$seconds spinners=$spinners spurious=$spurious"
[ "$spurious" -eq 0 ]
