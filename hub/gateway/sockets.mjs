// Operations that come over WebSocket are checked as those over HTTP are: the hub is asked before
// each, with the token of the connection's parameters.
import { GraphQLError } from 'graphql'

const PRINTABLE = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/ // what a header may hold

export function checkedOnSockets(directory) {
  return {
    async onParams({ params, request, context, setResult }) {
      if (!context?.socket) return
      const { query, variables, operationName, extensions } = params
      const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json' })
      const token = tokenOf(context.connectionParams) ?? request.headers.get('authorization')
      if (token !== null) {
        if (typeof token !== 'string' || !PRINTABLE.test(token)) return setResult({ errors: [odd()] })
        headers.set('authorization', token)
        context.connectionParams = { ...context.connectionParams, Authorization: token }
      }
      const body = JSON.stringify({ query, variables, operationName, extensions })
      const asked = new Request('http://gateway/graphql', { method: 'POST', headers })
      const answer = await directory.check(asked, body)
      if (!answer) return
      const told = await answer.json()
      if (answer.status === 200 && told.tokens) context.partnerTokens = told.tokens
      else setResult({ errors: told.errors.map(errorOf) })
    },
  }
}

function odd() {
  const told = "the parameter Authorization must be 'Bearer TOKEN'"
  return new GraphQLError(told, { extensions: { code: 'UNAUTHENTICATED' } })
}

function errorOf({ message, locations, path, extensions }) {
  return Object.assign(new GraphQLError(message, { path, extensions }), { locations })
}

function tokenOf(parameters) {
  return parameters?.Authorization ?? parameters?.authorization
}
