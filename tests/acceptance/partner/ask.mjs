// One operation over WebSocket; prints its first answer. node ask.mjs URL QUERY [TOKEN]
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

const [url, query, token] = process.argv.slice(2)
const client = createClient({
  url: url.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: token ? { authorization: `Bearer ${token}` } : {},
  retryAttempts: 0,
})
client.subscribe(
  { query },
  {
    next: (answer) => end(answer),
    error: (errors) => end({ errors }),
    complete: () => end({}),
  },
)

function end(answer) {
  console.log(JSON.stringify(answer))
  process.exit(0)
}
