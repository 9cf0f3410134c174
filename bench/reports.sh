#!/usr/bin/env bash
# Measures the analytics of reports over one large account: `make bench`. What the columns mean: bench/README.md.
#
# 1. make and import the account, unless the folder has it already
# 2. ask everything once, so that all files are in the memory of the operating system
# 3. per question: a fresh server, an unrelated request, the question for the first time, the same again and again
# 4. everything once more in one server, for its peak memory
set -euo pipefail

SCALE=${BENCH_SCALE:-1}
REPEATS=${BENCH_REPEATS:-9}
ROOT=$(cd "$(dirname "$0")/.." && pwd)
FOLDER=${BENCH_FOLDER:-$ROOT/data/bench-$SCALE}
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
PROGRAM=$(cd "$TARGET/release" && pwd)/tallyhouse

REPORTS=$(awk "BEGIN { printf \"%d\", 5000000 * $SCALE }")
READS=$((REPORTS * 10))
ALERTS=$((REPORTS * 4))
UNTIL=2026-03-01T00:00:00Z
YEAR="channel_id=1&start_date=2025-03-01T00:00:00Z&end_date=$UNTIL"
DAY="channel_id=1&start_date=2026-02-25T00:00:00Z&end_date=2026-02-26T00:00:00Z"

# What is asked: a name for the table, path and query, and a Range where one is sent.
QUESTIONS=(
  "reports_images, the first 100|reports_images?$YEAR|objects=0-99"
  "reports_images, all of a day|reports_images?$DAY|"
  "reports_over_time|reports_over_time?$YEAR|"
  "reports_per_field_selection, one of|reports_per_field_selection?$YEAR&field_id=1|"
  "reports_per_field_selection, many of|reports_per_field_selection?$YEAR&field_id=2|"
  "reports_per_state|reports_per_state?$YEAR|"
  "reports_per_user|reports_per_user?$YEAR|"
  "reports_per_day_hour|reports_per_day_hour?$YEAR|"
  "reports_per_week_day|reports_per_week_day?$YEAR|"
  "reports_read|reports_read?$YEAR|"
  "reports_read, all fields|reports_read?$YEAR&fields=total_reads,unique_reads,report_readers,reports_seen|"
  "user_awareness|user_awareness?$YEAR|"
  "user_awareness, all fields|user_awareness?$YEAR&fields=total_alerts,alert_source_reports,unique_alerts,alerts_opened,users_alerted,user_id,first_name,last_name|"
)

SERVER=
WORK=

main() {
  [[ $REPORTS -ge 40 ]] || fail "BENCH_SCALE=$SCALE is too small: that would be $REPORTS reports"
  # No setting of whoever runs this may change what is measured, not even a settings file in their folder.
  local name
  for name in "${!TALLYHOUSE_@}"; do unset "$name"; done
  umask 077
  mkdir -p "$FOLDER"
  cd "$FOLDER"
  WORK=$(mktemp -d)
  trap clean_up EXIT
  make_account
  warm_files
  measure_all
  measure_memory
}

fail() {
  echo "bench: $*" >&2
  exit 1
}

clean_up() {
  stop_server
  rm -rf "$WORK"
}

# The account with all its rows, made once per folder.
make_account() {
  local recipe="$REPORTS reports, $READS reads and $ALERTS alerts until $UNTIL"
  if [[ -e made ]]; then
    [[ $(cat made) == "$recipe" ]] || fail "$FOLDER has $(cat made); remove it, or choose another with BENCH_FOLDER"
    echo "using the account in $FOLDER: $recipe"
    return
  fi
  [[ ! -e store ]] || fail "$FOLDER/store is there, but not whole; remove $FOLDER, or choose another with BENCH_FOLDER"
  echo "making an account in $FOLDER: $recipe"
  "$PROGRAM" --data store account create bench >/dev/null
  load channels 9
  load forms 9
  load report_states 45
  load users "$(user_count)"
  load reports "$REPORTS"
  load report_reads "$READS" --reports "$REPORTS"
  load report_alerts "$ALERTS" --reports "$REPORTS"
  "$PROGRAM" --data store token create --account bench --scope read >token 2>/dev/null
  echo "$recipe" >made
}

# As many users as reports, reads and alerts refer to.
user_count() {
  local users=$((REPORTS / 200))
  if ((users < 40)); then users=40; fi
  if ((users > 25000)); then users=25000; fi
  echo "$users"
}

# Generates and imports rows of a table.
load() {
  local table=$1 rows=$2 started=$SECONDS generated
  shift 2
  "$PROGRAM" generate --table "$table" --rows "$rows" --until "$UNTIL" --days 365 --output "$table.parquet" "$@" 2>/dev/null
  generated=$SECONDS
  "$PROGRAM" --data store import --account bench --table "$table" "$table.parquet" >"$WORK/import" 2>&1 || {
    cat "$WORK/import" >&2
    fail "$table cannot be imported"
  }
  rm "$table.parquet"
  printf '  %-14s %9d rows  generated in %d s, imported in %d s\n' \
    "$table" "$rows" $((generated - started)) $((SECONDS - generated))
}

start_server() {
  "$PROGRAM" --data store serve --listen 127.0.0.1:0 >"$WORK/output" 2>"$WORK/log" &
  SERVER=$!
  BASE=
  # The server says where it listens as soon as it answers; opening a large folder takes its time.
  while [[ -z $BASE ]]; do
    kill -0 "$SERVER" 2>/dev/null || { cat "$WORK/log" >&2; fail "the server ended"; }
    BASE=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$WORK/output")
    [[ -n $BASE ]] || sleep 0.05
  done
}

stop_server() {
  [[ -n $SERVER ]] || return 0
  kill -TERM "$SERVER" 2>/dev/null || true
  wait "$SERVER" || true
  SERVER=
}

# Asks; leaves status and seconds in ANSWER, head and body in files. Anything but 200, or 206 to a Range, ends it all.
ask() {
  local path=$1 range=$2 status
  local -a headers=(-H "Authorization: Bearer $(cat token)")
  [[ -z $range ]] || headers+=(-H "Range: $range")
  ANSWER=$(curl -sS --noproxy '*' -o "$WORK/body" -D "$WORK/head" -w '%{http_code} %{time_total}' "${headers[@]}" "$BASE$path") ||
    fail "$path: no answer"
  status=${ANSWER% *}
  [[ $status == 200 || ($status == 206 && -n $range) ]] ||
    fail "$path: status $status: $(head -c 500 "$WORK/body")"
}

# Splits a line of QUESTIONS.
read_question() {
  IFS='|' read -r NAME QUERY RANGE <<<"$1"
  QUERY=/api/v4/analytics/$QUERY
}

# Every file that is needed is read once, so that no question waits for the disk only because it was asked first.
warm_files() {
  local question
  start_server
  for question in "${QUESTIONS[@]}"; do
    read_question "$question"
    ask "$QUERY" "$RANGE"
  done
  stop_server
}

measure_all() {
  local question
  printf '\n%-38s %10s %13s %12s %12s %9s\n' question 'first ms' 'remembered ms' 'rows scanned' 'answer bytes' 'peak MB'
  for question in "${QUESTIONS[@]}"; do
    read_question "$question"
    measure
  done
}

# One question in a server of its own: nothing of it can be remembered when it is asked first.
measure() {
  local first rows bytes repeat
  start_server
  # Connections, token and threads are warm after this; it reads nothing of reports.
  ask "/v1/total-views/day?date_time_from=2026-02-01&date_time_to=2026-02-02" ""
  ask "$QUERY" "$RANGE"
  first=${ANSWER#* }
  rows=$(sed -n 's/^[Ss]erver-[Tt]iming:.*rows;desc="\([0-9]*\)".*/\1/p' "$WORK/head")
  bytes=$(wc -c <"$WORK/body")
  for ((repeat = 0; repeat < REPEATS; repeat++)); do
    ask "$QUERY" "$RANGE"
    echo "${ANSWER#* }"
  done | sort -n >"$WORK/again"
  [[ $(wc -l <"$WORK/again") -eq $REPEATS ]] || fail "$NAME: an answer is missing"
  awk -v name="$NAME" -v first="$first" -v rows="${rows:-?}" -v bytes="$bytes" -v peak="$(peak_megabytes)" '
    { times[NR] = $1 }
    END { printf "%-38s %10.1f %13.2f %12s %12d %9s\n", name, first * 1000, times[int((NR + 1) / 2)] * 1000, rows, bytes, peak }
  ' "$WORK/again"
  stop_server
}

# All questions twice in one server.
measure_memory() {
  local question round
  start_server
  for round in 1 2; do
    for question in "${QUESTIONS[@]}"; do
      read_question "$question"
      ask "$QUERY" "$RANGE"
    done
  done
  printf '\npeak memory of a server that answered all of them %d times: %s MB\n' "$round" "$(peak_megabytes)"
  printf 'data folder: %s MB\n' "$(du -sm store | cut -f1)"
  stop_server
}

# The most memory that the server ever had; only Linux tells.
peak_megabytes() {
  sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$SERVER/status" 2>/dev/null | awk '{ printf "%d", $1 / 1024 }' || echo '?'
}

main
