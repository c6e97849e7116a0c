// A subgraph that did not answer, or not what it was asked.
import { GraphQLError } from 'graphql'

export const CODE = 'SUBGRAPH_UNAVAILABLE'

export function away(name, what = 'does not answer', path = undefined) {
  return new GraphQLError(`the subgraph '${name}' ${what}; its fields are left out`, {
    path,
    extensions: { code: CODE, subgraph: name },
  })
}
