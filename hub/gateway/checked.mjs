// Before an operation runs, the hub says whether it would run it as one process: its refusals are
// passed on as they are. Where the hub cannot be asked the operation runs all the same, since each
// subgraph checks rights itself; partners then see no caller.

const PATH = '/graphql'
const HEARD = 16 // times the limit of a body
const STREAMS = /text\/event-stream|multipart\/mixed/

export function checked(directory) {
  return {
    async onRequest({ request, url, serverContext, endResponse, setRequest, fetchAPI }) {
      if (url.pathname !== PATH) return
      const body = await bodyOf(request, directory.bodyBytes)
      const answer = await directory.check(request, body, tokensIn(serverContext.req))
      if (answer) {
        const text = await answer.text()
        const tokens = answer.status === 200 ? tokensOf(text) : null
        if (!tokens) {
          endResponse(new fetchAPI.Response(text, { status: answer.status, headers: passed(answer) }))
          return
        }
        serverContext.partnerTokens = tokens
      }
      const { method, signal } = request
      const headers = new fetchAPI.Headers(request.headers)
      if (answer && !STREAMS.test(headers.get('accept') ?? '')) {
        headers.set('accept', answer.headers.get('content-type').split(';')[0])
      }
      setRequest(new fetchAPI.Request(request.url, { method, headers, body, signal }))
    },
    onParams({ params, setParams }) {
      if (params.operationName === '') setParams({ ...params, operationName: undefined })
    },
    onResponse({ request, response }) {
      if (new URL(request.url).pathname !== PATH) return
      if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
    },
  }
}

// All Authorization headers: Node keeps the first and drops the others.
function tokensIn(req) {
  const raw = req?.rawHeaders ?? []
  return raw.filter((_, i) => i % 2 && raw[i - 1].toLowerCase() === 'authorization')
}

// The request's body, or as many zeros as make it too large for the hub, which then refuses it. What
// comes over the limit is read, since clients hear no answer while they send, but not kept.
async function bodyOf(request, most) {
  if (['GET', 'HEAD'].includes(request.method)) return undefined
  const parts = []
  let size = 0
  for await (const part of request.body ?? []) {
    size += part.length
    if (size <= most) parts.push(part)
    else if (size > most * HEARD) break
    else parts.length = 0
  }
  return size > most ? new Uint8Array(most + 1) : new Uint8Array(Buffer.concat(parts))
}

function tokensOf(text) {
  try {
    return JSON.parse(text).tokens ?? null
  } catch {
    return null
  }
}

function passed(answer) {
  const headers = {}
  for (const name of ['content-type', 'allow', 'www-authenticate', 'cache-control']) {
    const value = answer.headers.get(name)
    if (value !== null) headers[name] = value
  }
  return headers
}
