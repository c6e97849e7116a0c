// Who asks: the hub's gateway passes on a token that is made for this subgraph alone.
import { GraphQLError } from 'graphql'
import { createRemoteJWKSet, jwtVerify } from 'jose'

export class Callers {
  #keys
  #accepted

  constructor({ jwks, issuer, audience }) {
    this.#keys = createRemoteJWKSet(new URL(jwks))
    this.#accepted = { issuer, audience, algorithms: ['Ed25519'], clockTolerance: 30 }
  }

  // The claims of `Authorization: Bearer …`; null for callers without a token. Throws for a token
  // that is not accepted: a caller who thinks to be signed in is not served as a stranger.
  async of(authorization) {
    if (!authorization) return null
    const [, token] = /^Bearer (\S+)$/.exec(authorization) ?? []
    try {
      const { payload } = await jwtVerify(token ?? '', this.#keys, this.#accepted)
      return payload
    } catch (error) {
      throw refusal(`the token is not accepted: ${error.message}`)
    }
  }
}

export function refusal(message) {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}
