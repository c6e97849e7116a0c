// Reads {name: SDL} as JSON from standard input, composes the subgraphs by Apollo's own library, and
// prints {"errors": […], "hints": [{code, message}], "api": SDL}, the composed API's SDL sorted.
import { readFileSync } from 'node:fs'
import { composeServices } from '@apollo/composition'
import { Supergraph } from '@apollo/federation-internals'
import { lexicographicSortSchema, parse, printSchema } from 'graphql'

const given = JSON.parse(readFileSync(0, 'utf8'))
const services = Object.entries(given).map(([name, sdl]) => ({
  name,
  url: `http://127.0.0.1/${name}`,
  typeDefs: parse(sdl),
}))
const result = composeServices(services)
const errors = (result.errors ?? []).map((error) => error.message)
const hints = (result.hints ?? []).map(({ definition, message }) => ({
  code: definition.code,
  message,
}))
let api = null
if (errors.length === 0) {
  const made = Supergraph.build(result.supergraphSdl).apiSchema().toGraphQLJSSchema()
  api = printSchema(lexicographicSortSchema(made))
}
console.log(JSON.stringify({ errors, hints, api }))
