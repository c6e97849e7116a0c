// Subscriptions of subgraphs, over WebSocket (graphql-transport-ws): each has a connection of its
// own, whose parameters say who subscribes. One that breaks is not taken up again here, since that
// would miss or repeat messages: it ends with an error, and the client goes on by its cursor.
import { print } from 'graphql'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { Stream } from './stream.mjs'
import { away } from './away.mjs'
import { honest } from './partner.mjs'

const ALIVE = 10_000 // milliseconds between pings; the answer has half as long

export function streams(directory) {
  return {
    getSubgraphExecutor({ subgraphName, transportEntry, getDisposeReason }) {
      const url = transportEntry.location.replace(/^http/, 'ws')
      const open = new Set()
      function executor({ document, variables, operationName, extensions }) {
        const own = directory.isOwn(subgraphName)
        const patience = directory.deadline(subgraphName)
        const client = connection(url, extensions?.headers ?? {}, patience)
        const stream = new Stream(() => {
          open.delete(stream)
          client.dispose()
        })
        open.add(stream)
        client.subscribe(
          { query: print(document), variables, operationName },
          {
            next: (result) => {
              try {
                stream.push(own ? result : honest(subgraphName, { document, variables }, result))
              } catch (error) {
                stream.end([away(subgraphName, error.message)])
              }
            },
            // A list holds the subgraph's own errors; all else is of the connection.
            error: (e) => stream.end(Array.isArray(e) ? e : [away(subgraphName)]),
            complete: () => stream.end(),
          },
        )
        return stream
      }
      executor[Symbol.asyncDispose] = async () => {
        const reason = getDisposeReason?.()
        for (const stream of open) stream.end(reason && [reason])
      }
      return executor
    },
  }
}

function connection(url, connectionParams, patience) {
  let silent
  const client = createClient({
    url,
    connectionParams,
    retryAttempts: 0,
    connectionAckWaitTimeout: patience,
    keepAlive: ALIVE,
    webSocketImpl: class extends WebSocket {
      constructor(address, protocol) {
        super(address, protocol, { handshakeTimeout: patience })
      }
    },
    on: {
      ping(received) {
        if (!received) silent = setTimeout(() => client.terminate(), ALIVE / 2).unref()
      },
      pong: () => clearTimeout(silent),
      closed: () => clearTimeout(silent),
    },
  })
  return client
}
