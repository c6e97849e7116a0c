// A subgraph that is down or slow: said in one way, without its address.
import { GraphQLError } from 'graphql'

export const CODE = 'SUBGRAPH_UNAVAILABLE'
const RELOAD = 'SCHEMA_RELOAD'

const TRANSPORT = ['SUBREQUEST_HTTP_ERROR', 'TIMEOUT_ERROR', 'RESPONSE_VALIDATION_FAILED']

// Whether an error is the gateway's own word of a failed request, not the subgraph's answer.
function fromTransport(error) {
  return Boolean(error.originalError) || TRANSPORT.includes(error.extensions?.code)
}

export function unavailable(directory) {
  return {
    onSubgraphExecute({ subgraphName, executor, setExecutor }) {
      setExecutor(async (request) => {
        let result
        try {
          result = await executor(request)
        } catch (error) {
          return { errors: [told(subgraphName, error)] }
        }
        if (!result?.errors?.some(fromTransport)) return result
        const errors = result.errors.map((e) => (fromTransport(e) ? told(subgraphName, e) : e))
        return { ...result, errors }
      })
    },
  }

  function told(name, error) {
    if (error?.extensions?.code === RELOAD) return error // tried again, or the client's to resume
    const slow = error?.name === 'TimeoutError' || /timeout|timed out|aborted/i.test(error?.message)
    const seconds = directory.deadline(name) / 1_000
    return away(name, slow ? `did not answer within ${seconds} s` : undefined, error?.path)
  }
}

export function away(name, what = 'does not answer', path = undefined) {
  return new GraphQLError(`the subgraph '${name}' ${what}; its fields are left out`, {
    path,
    extensions: { code: CODE, subgraph: name },
  })
}
