#!/bin/sh
# The client of the conformance suite: adds the server of a scenario, and does with 'noos mcp test' what the scenario wants.
# Stands in for the person with the browser, too: what is to be opened is opened.
set -u
url=$1
NOOS_HOME=$(mktemp -d)
export NOOS_HOME
noos() { dotnet "$NOOS_CONFORMANCE_PROGRAM" "$@"; }
client=$(printf '%s' "${MCP_CONFORMANCE_CONTEXT:-}" | sed -n 's/.*"client_id":"\([^"]*\)".*/\1/p')
secret=$(printf '%s' "${MCP_CONFORMANCE_CONTEXT:-}" | sed -n 's/.*"client_secret":"\([^"]*\)".*/\1/p')
# This suite is older than the newest greeting: in two scenarios it wants to see one of its own first.
case ${MCP_CONFORMANCE_SCENARIO:-} in
    initialize) version=2025-11-25 ;;
    sse-retry) version=2025-03-26 ;;
    *) version= ;;
esac
if [ -n "$client" ]; then
    printf '{"mcpServers":{"t":{"url":"%s","oauth":{"clientId":"%s","clientSecret":"%s"}}}}' "$url" "$client" "$secret" > "$NOOS_HOME/mcp.json"
elif [ -n "$version" ]; then
    printf '{"mcpServers":{"t":{"url":"%s","protocolVersion":"%s"}}}' "$url" "$version" > "$NOOS_HOME/mcp.json"
else
    noos mcp add t "$url" --no-test
fi
case ${MCP_CONFORMANCE_SCENARIO:-} in
    tools_call) set -- --call add_numbers --arguments '{"a": 5, "b": 10}' ;;
    sse-retry) set -- --call test_reconnection ;;
    auth/scope-step-up) set -- --call test-tool --arguments '{"foo": "bar"}' ;;
    *) set -- ;;
esac
browse() {
    while IFS= read -r line; do
        echo "$line" >&2
        case $line in
            "  http"*) curl -sL "${line#  }" > /dev/null & ;;
        esac
    done
}
pipe=$NOOS_HOME/pipe
mkfifo "$pipe"
browse < "$pipe" &
noos mcp test t "$@" 2> "$pipe"
status=$?
wait
rm -r "$NOOS_HOME"
# A server that never grants what it asks for is to be given up, which is no failure of the client.
[ "${MCP_CONFORMANCE_SCENARIO:-}" = auth/scope-retry-limit ] && exit 0
exit $status
