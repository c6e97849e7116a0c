// A subgraph as a department would write it: the street lighting office's lamps and charging posts.
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { createHandler } from 'graphql-http/lib/use/http'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { Callers } from './caller.mjs'
import { fieldsOf } from './fields.mjs'
import { Inventory } from './inventory.mjs'

const text = (fallback) => ({ type: 'string', default: fallback })
const { values: given } = parseArgs({
  options: {
    port: text('4101'),
    name: text('street-lighting'), // as registered; the audience of tokens
    jwks: text('http://127.0.0.1:4001/.well-known/jwks.json'),
    issuer: text('city-hub'),
    schema: text(new URL('street-lighting.graphql', import.meta.url).pathname),
    faults: text('faults.jsonl'),
    grids: text('370202001001001,370202001001002'),
    buildings: text(''),
    slow: text('0'), // tests: milliseconds before each answer
    'die-at': text(''), // tests: ends amid an operation that holds this text
    'note-headers': text(''), // tests: a file to write each request's headers to
  },
})
const listed = (names) => names.split(',').filter(Boolean)

const inventory = new Inventory(given.faults, {
  grids: listed(given.grids),
  buildings: listed(given.buildings),
})
const schema = buildSubgraphSchema({
  typeDefs: parse(readFileSync(given.schema, 'utf8')),
  resolvers: fieldsOf(inventory),
})
const callers = new Callers({ jwks: given.jwks, issuer: given.issuer, audience: given.name })

function note(headers) {
  if (given['note-headers']) appendFileSync(given['note-headers'], JSON.stringify(headers) + '\n')
}

const signedIn = new WeakMap() // claims by request
const answer = createHandler({
  schema,
  async onSubscribe({ raw, headers }, { query }) {
    note(headers)
    if (given['die-at'] && query.includes(given['die-at'])) process.exit(1)
    if (!query.includes('_service')) await pause(Number(given.slow))
    try {
      signedIn.set(raw, await callers.of(headers.authorization))
    } catch (error) {
      return [error]
    }
  },
  context: ({ raw }) => ({ caller: signedIn.get(raw) }),
})

const server = createServer((request, response) => {
  if (new URL(request.url, 'http://office').pathname === '/graphql') answer(request, response)
  else response.writeHead(404).end()
})
useServer(
  {
    schema,
    async context({ connectionParams = {}, extra }) {
      note({ ...extra.request.headers, ...connectionParams })
      const ended = new AbortController()
      extra.socket.once('close', () => ended.abort())
      return { caller: await callers.of(connectionParams.authorization), signal: ended.signal }
    },
  },
  new WebSocketServer({ server, path: '/graphql' }),
)
server.listen(Number(given.port), '127.0.0.1', () => {
  console.log(`street lighting: http://127.0.0.1:${server.address().port}/graphql`)
})
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0))
