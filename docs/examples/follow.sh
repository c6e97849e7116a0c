#!/bin/bash
# Follows events of City Hub with curl over Server-Sent Events, and never misses one.
#
#   HUB_TOKEN=… ./follow.sh http://127.0.0.1:8000 cursor.txt '{"type": {"eq": "GARBAGE_PILE"}}'
#
# Writes a line of JSON for a snapshot (the latest 1,000 events), then one for each version of each
# event. Start it again with the same cursor file and it goes on where it stood.
set -euo pipefail

hub=$1 file=$2 filter=${3:-null}
fields='id version type phase status openedAt camera { code }'
silence=60 # seconds without a line after which the connection is dead

# The token to connect with: renew it here. This one reads what somebody else renews.
token() { if [ -n "${HUB_TOKEN_FILE:-}" ]; then cat "$HUB_TOKEN_FILE"; else echo "$HUB_TOKEN"; fi; }

# Store the cursor so that the file is whole at any time.
keep() { printf %s "$1" >"$file.new" && mv "$file.new" "$file"; }

# The first error's code, of an answer that holds errors.
code_of() { sed -nE 's/.*"code": ?"([A-Z_]+)".*/\1/p' <<<"$1"; }

# POST what stands on stdin, by a token that `ps` does not show.
post() {
    used=$1 && shift
    curl --silent --no-buffer --connect-timeout 10 --write-out '\n' \
        --header "Content-Type: application/json" --data-binary @- \
        --header @<(printf 'Authorization: Bearer %s\n' "$used") "$@" "$hub/graphql"
}

snapshot() {
    local query="query(\$filter: EventFilter) { events(first: 1000, filter: \$filter) { liveCursor nodes { $fields } } }"
    local answer
    answer=$(printf '{"query": "%s", "variables": {"filter": %s}}' "$query" "$filter" |
        post "$used" --header 'Accept: application/json' | head -1)
    case $answer in
    '{"data":{"events":{"liveCursor":"'*)
        local rest=${answer#'{"data":{"events":{"liveCursor":"'}
        printf '{"snapshot":%s\n' "${rest#*'"nodes":'}" | sed 's/}}}$/}/'
        keep "${rest%%\"*}"
        ;;
    *) error=$(code_of "$answer") && error=${error:-no answer} ;;
    esac
}

# Until the stream ends; then `error` is the code of why, if there is one.
stream() {
    local query="subscription(\$filter: EventFilter) { events(filter: \$filter) { cursor left event { $fields } } }"
    local id='' line
    while IFS= read -r -t "$silence" line; do
        case $line in
        'id: '*) id=${line#id: } ;;
        'data: {"data":{"events":'*)
            failures=0
            line=${line#'data: {"data":{"events":'}
            case $line in
            *'"event":null'*) ;; # a heartbeat, whose cursor is kept as well
            *) printf '%s\n' "${line%'}}'}" ;;
            esac
            keep "$id"
            ;;
        *'"errors":'*) error=$(code_of "$line") ;;
        esac
    done < <(printf '{"query": "%s", "variables": {"filter": %s}}' "$query" "$filter" |
        post "$used" --header 'Accept: text/event-stream' --header "Last-Event-ID: $(cat "$file")")
}

failures=0
while true; do
    error='' used=$(token)
    [ -e "$file" ] || snapshot
    [ ! -e "$file" ] || stream
    case $error in
    CURSOR_EXPIRED) rm "$file" ;; # a new snapshot
    UNAUTHENTICATED) [ "$(token)" != "$used" ] || { echo "$error" >&2 && exit 1; } ;;
    '' | 'no answer' | DEADLINE_EXCEEDED | INTERNAL | OVERLOADED | READER_TOO_SLOW | STORE_UNAVAILABLE | TOO_MANY_STREAMS) ;;
    *) echo "$error" >&2 && exit 1 ;;
    esac
    echo "${error:-connection lost}: again" >&2
    sleep "$((1 << (failures < 6 ? failures : 6))).$((RANDOM % 10))"
    failures=$((failures + 1))
done
