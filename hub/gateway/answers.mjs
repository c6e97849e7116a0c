// What subgraphs answer. One that is down or slow is said in one way, without its address; what a
// partner answers is cut to what it was asked, and follows no redirect.
import { away } from './away.mjs'
import { honest, Misfit } from './partner.mjs'

const RELOAD = 'SCHEMA_RELOAD'

const TRANSPORT = ['SUBREQUEST_HTTP_ERROR', 'TIMEOUT_ERROR', 'RESPONSE_VALIDATION_FAILED']

export function answers(directory) {
  return {
    onFetch({ executionRequest, options, setOptions }) {
      const name = executionRequest?.subgraphName
      if (!name) return
      setOptions({ ...options, redirect: 'manual' })
      if (directory.isOwn(name)) return
      return async ({ response, setResponse }) => {
        const body = await bounded(response, directory.partnerBytes)
        setResponse(new Response(body, { headers: { 'content-type': 'application/json' } }))
      }
    },
    onSubgraphExecute({ subgraph, subgraphName, executor, setExecutor }) {
      setExecutor(async (request) => {
        try {
          const result = await executor(request)
          if (result?.[Symbol.asyncIterator]) return result
          if (directory.isOwn(subgraphName)) return worded(subgraphName, result)
          return honest(subgraphName, request, worded(subgraphName, result), subgraph)
        } catch (error) {
          return { errors: [told(subgraphName, error)] }
        }
      })
    },
  }

  function worded(name, result) {
    if (!Array.isArray(result?.errors) || !result.errors.some(fromTransport)) return result
    return { ...result, errors: result.errors.map((e) => (fromTransport(e) ? told(name, e) : e)) }
  }

  function told(name, error) {
    if (error?.extensions?.code === RELOAD) return error // tried again, or the client's to resume
    const cause = error?.originalError ?? error
    if (cause instanceof Misfit) return away(name, cause.message, error.path)
    const slow = error?.name === 'TimeoutError' || /timeout|timed out|aborted/i.test(error?.message)
    const seconds = directory.deadline(name) / 1_000
    return away(name, slow ? `did not answer within ${seconds} s` : undefined, error?.path)
  }
}

// Whether an error is the gateway's own word of a failed request, not the subgraph's answer.
function fromTransport(error) {
  return Boolean(error?.originalError) || TRANSPORT.includes(error?.extensions?.code)
}

// The body, after decompression, of at most so many bytes.
async function bounded(response, most) {
  const parts = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > most) throw new Misfit(`answers with more than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
