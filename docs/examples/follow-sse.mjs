// Follows events of City Hub over Server-Sent Events, and never misses one: `graphql-sse` 2.
//
//   HUB_TOKEN=… node follow-sse.mjs http://127.0.0.1:8000 cursor.txt '{"type":{"eq":"GARBAGE_PILE"}}'
//
// Writes a line of JSON for a snapshot, then one for each version of each event. Start it again with
// the same cursor file and it goes on where it stood.
import { createClient } from 'graphql-sse'
import { Failure, follow, headers, silence, take, url } from './hub.mjs'

const client = createClient({
  url,
  headers,
  retryAttempts: 0, // `follow` connects again, with the cursor that it has then
})

// A refusal by HTTP has its error in the body, as any answer.
async function explained(error) {
  const body = await error.response?.json().catch(() => null)
  const first = body?.errors?.[0]
  return first ? new Failure(first.extensions?.code, first.message) : error
}

await follow(
  (request) =>
    new Promise((resolve, reject) => {
      const watch = setTimeout(() => end(reject, new Error('silence')), silence)
      const end = (settle, value) => {
        clearTimeout(watch)
        settle(value)
        stop()
      }
      const stop = client.subscribe(request, {
        next(result) {
          watch.refresh()
          try {
            take(result)
          } catch (error) {
            end(reject, error)
          }
        },
        error: async (error) => end(reject, await explained(error)),
        complete: () => end(resolve),
      })
    }),
)
