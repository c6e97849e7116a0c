// Composes subgraphs: reads {subgraphs: [{name, url, sdl}]} as JSON from standard input and prints
// {"supergraph": SDL, "api": SDL} or {"errors": [{code, message}]}.
import { readFileSync } from 'node:fs'
import { composeServices } from '@theguild/federation-composition'
import { buildSchema, lexicographicSortSchema, parse, printSchema } from 'graphql'

export function compose({ subgraphs }) {
  const services = subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }))
  const result = composeServices(services)
  const errors = (result.errors ?? []).map((error) => ({
    code: error.extensions?.code ?? 'COMPOSITION_FAILED',
    message: error.message,
  }))
  if (errors.length) return { errors }
  return {
    supergraph: result.supergraphSdl,
    api: printSchema(lexicographicSortSchema(buildSchema(result.publicSdl))),
  }
}

console.log(JSON.stringify(compose(JSON.parse(readFileSync(0, 'utf8')))))
