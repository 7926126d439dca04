#!/usr/bin/env bash
# Brings the compose cluster up, sends interactions through the edge, kills the learner in the middle, and checks that
# everything acknowledged is there exactly once. Takes it down again, volumes included.
set -euo pipefail
cd "$(dirname "$0")/../.."

export POSTGRES_PASSWORD=${POSTGRES_PASSWORD:-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')}
export RALM_API_KEY=${RALM_API_KEY:-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')}
export RALM_PORT=${RALM_PORT:-18080} COMPOSE_PROJECT_NAME=ralm-smoke
users=${USERS:-20} per_user=${PER_USER:-20}
base=http://127.0.0.1:$RALM_PORT
acked=$(mktemp)

compose() { if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi; }

finish() {
  local code=$?
  [[ $code -eq 0 ]] || compose logs --tail 40 >&2 || true
  compose down -v -t 40 >/dev/null 2>&1 || true
  rm -f "$acked"
  [[ $code -eq 0 ]] && echo "smoke: passed" || echo "smoke: FAILED" >&2
}
trap finish EXIT

call() { curl -s -m 15 -H "X-Api-Key: $RALM_API_KEY" -H 'Content-Type: application/json' "$@"; }

wait_ready() {
  local i
  for i in $(seq 120); do
    [[ $(curl -s -o /dev/null -w '%{http_code}' "$base/health/ready") == 200 ]] && return 0
    sleep 1
  done
  echo "smoke: the edge did not become ready" >&2
  return 1
}

# interact USER N: repeats one interaction under one command id until it is acknowledged.
interact() {
  local id="smoke-$1-$2" answer i
  for i in $(seq 60); do
    answer=$(call -X POST "$base/training/users/$1/interactions" -d "{
      \"header\": {\"command_id\": \"$id\"}, \"candidate_id\": \"c-$2\", \"label\": 1,
      \"occurred_at\": \"2026-01-01T00:00:00Z\",
      \"user\": {\"items\": [{\"name\": \"age\", \"number\": 30}]},
      \"candidate\": {\"items\": [{\"name\": \"age\", \"number\": 31}]}}" || true)
    case $answer in
      *ACCEPTED* | *DUPLICATE*) echo "$1" >>"$acked"; return 0 ;;
    esac
    sleep 1
  done
  echo "smoke: $id was never acknowledged: $answer" >&2
  return 1
}

# send FROM TO: those interactions of every user, several users at a time.
send() {
  local user n pids=()
  for user in $(seq "$users"); do
    (for n in $(seq "$1" "$2"); do interact "u-$user" "$n"; done) &
    pids+=($!)
    [[ $((user % 5)) -ne 0 ]] || { wait "${pids[@]}"; pids=(); }
  done
  [[ ${#pids[@]} -eq 0 ]] || wait "${pids[@]}"
}

check() {
  local user want have lost=0
  for user in $(seq "$users"); do
    want=$(grep -cx "u-$user" "$acked")
    have=$(call "$base/training/users/u-$user" | sed -nE 's/.*"samples_accepted": "([0-9]+)".*/\1/p')
    [[ $want == "$have" ]] || { echo "smoke: u-$user: $want acknowledged, $have there" >&2; lost=1; }
  done
  echo "smoke: $(wc -l <"$acked") acknowledged, every one there once: $([[ $lost -eq 0 ]] && echo yes || echo NO)"
  [[ $lost -eq 0 ]]
}

half=$((per_user / 2))
compose up -d --build
wait_ready
echo "smoke: ready after $SECONDS s"
send 1 "$half"
echo "smoke: $(wc -l <"$acked") acknowledged; killing the learner"
compose kill -s SIGKILL learner
killed=$SECONDS
send $((half + 1)) "$per_user" &
sending=$!
compose up -d learner
wait "$sending"
echo "smoke: all acknowledged again $((SECONDS - killed)) s after the kill"
check
