// The directory's process, as the gateway knows it.
import { readFile, rename, writeFile } from 'node:fs/promises'

const PAUSE = 500

// The headers by which the hub judges a request.
const CHECKED = [
  'authorization',
  'content-type',
  'accept',
  'x-request-id',
  'x-hub-explain',
  'x-hub-executor',
]

export class Directory {
  #url
  #kept
  #key
  #tag = ''
  #found = null
  #own = new Set()

  constructor({ url, key, kept }) {
    this.#url = url
    this.#key = key
    this.#kept = kept
  }

  // The supergraph to route by. While the directory is away the last one stands: in memory, or, at
  // the start, in the file `kept`; without either this waits.
  async supergraph() {
    for (;;) {
      try {
        await this.#refresh()
      } catch (error) {
        if (!this.#found) await this.#recall(error)
      }
      if (this.#found) return this.#found.supergraph
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }

  // Asks every `milliseconds` whether there is a newer supergraph, and tells.
  follow(milliseconds, tell) {
    let asking = false
    const timer = setInterval(async () => {
      if (asking || !this.#found) return
      asking = true
      try {
        if (await this.#refresh()) tell()
      } catch {
        // what was read last stands
      } finally {
        asking = false
      }
    }, milliseconds)
    timer.unref()
  }

  // What the hub says of a client's request: its answer, or null where it cannot be asked.
  async check(request, body, tokens = []) {
    const headers = new Headers({ 'x-hub-gateway': this.#key })
    for (const name of CHECKED) {
      const value = request.headers.get(name)
      if (value !== null) headers.set(name, value)
    }
    if (tokens.length > 1) headers.set('authorization', tokens.join(', '))
    if (/text\/event-stream|multipart\/mixed/.test(headers.get('accept') ?? '')) {
      headers.set('accept', 'application/json')
    }
    const { search } = new URL(request.url)
    try {
      const answer = await fetch(`${this.#url}/graphql/check${search}`, {
        method: request.method,
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(10_000),
      })
      return answer.headers.has('x-hub-unread') ? null : answer
    } catch {
      return null
    }
  }

  // Bytes of the largest request body.
  get bodyBytes() {
    return this.#found?.bodyBytes ?? 1_000_000
  }

  // Bytes of the largest answer of a partner.
  get partnerBytes() {
    return this.#found?.partnerBytes ?? 8_000_000
  }

  // Milliseconds that a subgraph has for one request.
  deadline(name) {
    if (!this.#found) return 30_000
    const { seconds, partnerSeconds } = this.#found
    return 1_000 * (this.isOwn(name) ? seconds + 1 : partnerSeconds)
  }

  isOwn(name) {
    return this.#own.has(name)
  }

  // What a subgraph is told of the caller. The hub's own get the caller's token and the gateway's
  // secret; a partner gets a token that it alone accepts, and neither of those.
  headers(name, request, context) {
    const id = request?.headers.get('x-request-id')
    const told = id ? { 'x-request-id': id } : {}
    if (this.isOwn(name)) {
      const token = request?.headers.get('authorization') ?? context?.connectionParams?.Authorization
      told['x-hub-gateway'] = this.#key
      if (token) told.authorization = token
    } else {
      const token = context?.partnerTokens?.[name]
      if (token) told.authorization = `Bearer ${token}`
    }
    return told
  }

  async #refresh() {
    const response = await fetch(`${this.#url}/federation/supergraph`, {
      headers: { 'x-hub-gateway': this.#key, 'if-none-match': this.#tag },
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
    })
    if (response.status === 304) return false
    if (!response.ok) throw new Error(`the directory answers ${response.status}`)
    const text = await response.text()
    this.#take(JSON.parse(text))
    this.#tag = response.headers.get('etag') ?? ''
    if (this.#kept) {
      await writeFile(`${this.#kept}.new`, text, { mode: 0o600 })
      await rename(`${this.#kept}.new`, this.#kept)
    }
    return true
  }

  async #recall(error) {
    try {
      if (this.#kept) this.#take(JSON.parse(await readFile(this.#kept, 'utf8')))
    } catch {
      // there is none yet
    }
    if (!this.#found) console.error(`gateway: waiting for the directory: ${error.message}`)
  }

  #take(found) {
    this.#own = new Set(found.own)
    this.#found = found
  }
}
