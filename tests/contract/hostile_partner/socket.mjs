// One operation over WebSocket, message by message: a JSON line for each message, and for the close.
// node socket.mjs URL CONNECTION_PARAMETERS QUERY, both in JSON
import { createRequire } from 'node:module'

const gateway = new URL('../../../hub/gateway/package.json', import.meta.url)
const { WebSocket } = createRequire(gateway)('ws')
const [url, parameters, query] = process.argv.slice(2)

const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
const send = (message) => socket.send(JSON.stringify(message))
socket.on('open', () => send({ type: 'connection_init', payload: JSON.parse(parameters) }))
socket.on('message', (data) => {
  const message = JSON.parse(data)
  console.log(JSON.stringify(message))
  if (message.type === 'connection_ack') {
    send({ id: '1', type: 'subscribe', payload: { query: JSON.parse(query) } })
  }
  if (message.type === 'error' || message.type === 'complete') socket.close(1000)
})
socket.on('error', (error) => console.error(error.message))
socket.on('close', (code) => console.log(JSON.stringify({ type: 'closed', code })))
setTimeout(() => socket.terminate(), 8_000).unref()
