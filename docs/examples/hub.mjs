// What follow-ws.mjs and follow-sse.mjs have in common: Node 20 or newer.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

const [hub, file, filter] = process.argv.slice(2)
export const url = `${hub}/graphql`
export const silence = 60_000 // without a message a connection is dead: heartbeats come more often

const fields = 'id version type phase status openedAt camera { code }'
const snapshotQuery = `query($filter: EventFilter, $page: Cursor) {
  events(first: 1000, after: $page, filter: $filter) {
    liveCursor nodes { ${fields} } pageInfo { hasNextPage endCursor }
  }
}`
const streamQuery = `subscription($filter: EventFilter, $after: Cursor) {
  events(filter: $filter, after: $after) { cursor left event { ${fields} } }
}`
const where = filter ? JSON.parse(filter) : null

// The token to connect with: renew it here. This one reads what somebody else renews.
const token = () =>
  process.env.HUB_TOKEN_FILE
    ? readFileSync(process.env.HUB_TOKEN_FILE, 'utf8').trim()
    : process.env.HUB_TOKEN
let used
export const headers = () => ({ Authorization: `Bearer ${(used = token())}` })

// What is done with a snapshot or an event: replace this by your own.
const act = (told) => process.stdout.write(JSON.stringify(told) + '\n')

// Stores the cursor so that the file is whole at any time.
function keep(cursor) {
  writeFileSync(`${file}.new`, cursor)
  renameSync(`${file}.new`, file)
}

export class Failure extends Error {
  constructor(code, message) {
    super(`${code}: ${message}`)
    this.code = code
  }
}
const failureOf = ([error]) => new Failure(error.extensions?.code, error.message)

// Takes one result of the subscription; throws a Failure for an error.
export function take(result) {
  if (result.errors) throw failureOf(result.errors)
  failures = 0
  const { cursor, left, event } = result.data.events
  if (event !== null) act({ left, event }) // else a heartbeat, whose cursor is kept as well
  keep(cursor)
}

// What there is, and the cursor behind which the stream goes on: the first page's.
async function snapshot() {
  const nodes = []
  let live = null
  for (let page = null, more = true; more; ) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers(), 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: snapshotQuery, variables: { filter: where, page } }),
    })
    const { data, errors } = await answer.json()
    if (errors) throw failureOf(errors)
    live ??= data.events.liveCursor
    nodes.push(...data.events.nodes)
    more = data.events.pageInfo.hasNextPage
    page = data.events.pageInfo.endCursor
  }
  act({ snapshot: nodes })
  keep(live)
}

// Close codes and error codes that come again however often one tries; any other passes.
const forEver = new Set([1009, 4400, 4401, 4406, 4409, 4429])
const passing = new Set(['DEADLINE_EXCEEDED', 'INTERNAL', 'OVERLOADED', 'READER_TOO_SLOW'])
passing.add('STORE_UNAVAILABLE').add('TOO_MANY_STREAMS')

function judge(error) {
  const code = error.code
  if (code === 'CURSOR_EXPIRED') rmSync(file) // a new snapshot
  else if (code === 4403 || code === 'UNAUTHENTICATED') {
    if (token() === used) throw error
  } else if (forEver.has(code)) throw error
  else if (error instanceof Failure && !passing.has(code)) throw error
  console.error(`${error.message || error.reason || code}: again`)
}

// Follows for ever. `subscribe(request)` resolves or rejects when the stream ends.
let failures = 0
export async function follow(subscribe) {
  for (;;) {
    try {
      if (!existsSync(file)) await snapshot()
      const variables = { filter: where, after: readFileSync(file, 'utf8') }
      await subscribe({ query: streamQuery, variables })
    } catch (error) {
      judge(error)
    }
    const seconds = Math.min(2 ** failures++, 60) * (0.5 + Math.random() / 2)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
}
