// Subscribes by somebody else's client and writes each result as a line of JSON: for tests.
// node stream.mjs ws|sse URL TOKEN COUNT QUERY VARIABLES
// The client connects again by itself; the variable `after` is the cursor of the last result.
import { createClient as overWebSocket } from 'graphql-ws'
import { createClient as overSse } from 'graphql-sse'
import { WebSocket } from 'ws'

const [protocol, url, token, count, query, variables] = process.argv.slice(2)
const headers = { Authorization: `Bearer ${token}` }
const patience = { retryAttempts: 20, shouldRetry: () => true }
const soon = async () => new Promise((resolve) => setTimeout(resolve, 300))

const client =
  protocol === 'ws'
    ? overWebSocket({
        url: url.replace(/^http/, 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: headers,
        retryWait: soon,
        ...patience,
      })
    : overSse({ url, headers, retry: soon, ...patience })

const asked = { query, variables: JSON.parse(variables ?? '{}') }
const results = client.iterate(asked)
let left = Number(count)
for await (const result of results) {
  process.stdout.write(JSON.stringify(result) + '\n')
  const told = result.data && Object.values(result.data)[0]
  if (told?.cursor) asked.variables.after = told.cursor
  if (--left === 0) break
}
client.dispose()
