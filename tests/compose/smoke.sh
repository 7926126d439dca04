#!/usr/bin/env bash
# Brings the compose cluster up, plays the demo through its edge, kills the learner in the middle of the traffic, and
# checks that everything acknowledged was learned exactly once. Takes the cluster down again, volumes included.
set -euo pipefail
cd "$(dirname "$0")/../.."

export POSTGRES_PASSWORD=${POSTGRES_PASSWORD:-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')}
export POSTGRES_ADMIN_PASSWORD=${POSTGRES_ADMIN_PASSWORD:-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')}
export RALM_API_KEY=${RALM_API_KEY:-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')}
export RALM_PORT=${RALM_PORT:-18080} COMPOSE_PROJECT_NAME=ralm-smoke
base=http://127.0.0.1:$RALM_PORT
work=$(mktemp -d)

compose() { if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi; }

finish() {
  local code=$?
  [[ $code -eq 0 ]] || { cat "$work/demo.err" 2>/dev/null; compose logs --tail 40; } >&2 || true
  compose down -v -t 40 >/dev/null 2>&1 || true
  rm -rf "$work"
  [[ $code -eq 0 ]] && echo "smoke: passed" || echo "smoke: FAILED" >&2
}
trap finish EXIT

# await SECONDS WHAT COMMAND...: repeats the command until it succeeds.
await() {
  local patience=$1 what=$2 i
  shift 2
  for i in $(seq "$patience"); do
    "$@" && return 0
    sleep 1
  done
  echo "smoke: $what: not within $patience s" >&2
  return 1
}

is_ready() { [[ $(curl -s -o /dev/null -w '%{http_code}' "$base/health/ready") == 200 ]]; }

# learned: samples the champion's lineage has accepted so far, 0 before it is opened.
learned() {
  curl -s -m 15 -H "X-Api-Key: $RALM_API_KEY" "$base/training/lineages/champion" |
    sed -nE 's/.*"samples_accepted": "([0-9]+)".*/\1/p' | grep . || echo 0
}

has_learned() { [[ $(learned) -ge $1 ]]; }

# figure NAME: one number of the demo's summary.
figure() { sed -nE "s/.*\"$1\":(-?[0-9.]+).*/\1/p" "$work/summary"; }

compose up -d --build
await 300 "the edge is ready" is_ready
echo "smoke: ready after $SECONDS s"

compose exec -T edge ./ralm-host demo --through http://127.0.0.1:8080 --json >"$work/summary" 2>"$work/demo.err" &
demo=$!
await 300 "the demo's samples are learned" has_learned 1500
before=$(learned) killed=$SECONDS
echo "smoke: the champion has learned $before samples; killing the learner"
compose kill -s SIGKILL learner
compose up -d learner
await 180 "the learner learns again" has_learned $((before + 500))
echo "smoke: learning again $((SECONDS - killed)) s after the kill"

code=0
wait "$demo" || code=$?
cat "$work/summary"
echo "smoke: $(figure samples_sent) acknowledged, $(figure samples_accepted) accepted, $(figure samples_learned) learned," \
  "$(figure samples_pending) pending, $(figure samples_lost) lost, $(figure samples_doubled) doubled"
[[ $code -eq 0 && $(figure samples_sent) -gt 0 && $(figure samples_pending) -eq 0 ]]
