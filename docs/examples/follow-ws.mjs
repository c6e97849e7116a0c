// Follows events of City Hub over WebSocket, and never misses one: `graphql-ws` 6.
//
//   HUB_TOKEN=… node follow-ws.mjs http://127.0.0.1:8000 cursor.txt '{"type":{"eq":"GARBAGE_PILE"}}'
//
// Writes a line of JSON for a snapshot, then one for each version of each event. Start it again with
// the same cursor file and it goes on where it stood.
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws' // Node 22 and browsers have their own: leave out `webSocketImpl`
import { Failure, follow, headers, silence, take, url } from './hub.mjs'

const client = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: headers,
  retryAttempts: 0, // `follow` connects again, with the cursor that it has then
})

await follow(
  (request) =>
    new Promise((resolve, reject) => {
      const watch = setTimeout(() => client.terminate(), silence)
      const end = (settle) => (value) => {
        clearTimeout(watch)
        settle(value)
      }
      const stop = client.subscribe(request, {
        next(result) {
          watch.refresh()
          try {
            take(result)
          } catch (error) {
            end(reject)(error)
            stop()
          }
        },
        // A list of errors, or why the connection ended.
        error: end((reason) => {
          if (!Array.isArray(reason)) return reject(reason)
          reject(new Failure(reason[0].extensions?.code, reason[0].message))
        }),
        complete: end(resolve),
      })
    }),
)
