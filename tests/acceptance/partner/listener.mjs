// A client of the hub that follows lamp changes through the gateway and, whenever the stream ends,
// goes on after the last cursor. One JSON line for each message and each end.
// node listener.mjs URL ws|sse [TOKEN]
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

const [url, kind, token] = process.argv.slice(2)
const authorization = token ? { authorization: `Bearer ${token}` } : {}
const query = `subscription Changes($after: String) {
  lampChanges(after: $after) { cursor fault lamp { code faultBy grid { name } } }
}`

let cursor = null
for (;;) {
  let ended = 'COMPLETE'
  try {
    for await (const { data, errors } of kind === 'ws' ? socket() : events()) {
      if (errors) throw errors
      cursor = data.lampChanges.cursor
      say(data.lampChanges)
    }
  } catch (error) {
    const [first] = Array.isArray(error) ? error : [error]
    ended = first.extensions?.code ?? 'BROKEN'
    console.error(JSON.stringify(error), String(first.message))
  }
  say({ ended })
  await pause(100)
}

function say(line) {
  console.log(JSON.stringify(line))
}

async function* socket() {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: authorization,
    retryAttempts: 0,
  })
  try {
    yield* client.iterate({ query, variables: { after: cursor } })
  } finally {
    client.dispose()
  }
}

// Server-sent events (GraphQL over SSE, distinct connections): `event: next`, then `event: complete`.
async function* events() {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...authorization },
    body: JSON.stringify({ query, variables: { after: cursor } }),
  })
  if (!answer.headers.get('content-type').startsWith('text/event-stream')) {
    throw (await answer.json()).errors
  }
  let text = ''
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    text += part
    const blocks = text.split('\n\n')
    text = blocks.pop()
    for (const block of blocks) {
      if (/^event: complete/m.test(block)) return
      const data = /^data: (.+)$/m.exec(block)
      if (data) yield JSON.parse(data[1])
    }
  }
  throw new Error('the connection broke')
}
