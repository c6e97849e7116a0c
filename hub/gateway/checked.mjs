// Before an operation runs, the hub says whether it would run it as one process: its refusals are
// passed on as they are. Where the hub cannot be asked the operation runs all the same, since each
// subgraph checks rights itself; partners then see no caller.

const PATH = '/graphql'

export function checked(directory) {
  return {
    async onRequest({ request, url, serverContext, endResponse, setRequest, fetchAPI }) {
      if (url.pathname !== PATH || request.headers.get('upgrade')) return
      const body = ['GET', 'HEAD'].includes(request.method)
        ? undefined
        : new Uint8Array(await request.arrayBuffer())
      const answer = await directory.check(request, body)
      if (answer) {
        const text = await answer.text()
        const tokens = answer.status === 200 ? tokensOf(text) : null
        if (!tokens) {
          endResponse(new fetchAPI.Response(text, { status: answer.status, headers: passed(answer) }))
          return
        }
        serverContext.partnerTokens = tokens
      }
      if (body) {
        const { method, headers, signal } = request
        setRequest(new fetchAPI.Request(request.url, { method, headers, body, signal }))
      }
    },
  }
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
