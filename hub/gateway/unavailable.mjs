// A subgraph that is down or slow: said in one way, without its address.
import { GraphQLError } from 'graphql'

export const CODE = 'SUBGRAPH_UNAVAILABLE'

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
        if (result?.errors?.some((error) => !error.extensions?.code)) {
          const errors = result.errors.map((e) => (e.extensions?.code ? e : told(subgraphName, e)))
          return { ...result, errors }
        }
        return result
      })
    },
  }

  function told(name, error) {
    const slow = error?.name === 'TimeoutError' || /timeout|timed out|aborted/i.test(error?.message)
    const seconds = directory.deadline(name) / 1_000
    const what = slow ? `did not answer within ${seconds} s` : 'does not answer'
    return new GraphQLError(`the subgraph '${name}' ${what}; its fields are left out`, {
      path: error?.path,
      extensions: { code: CODE, subgraph: name },
    })
  }
}
