// Reads {name: SDL} as JSON from standard input, composes the subgraphs, and prints
// {"errors": […], "api": SDL} where the SDL is that of the composed API, sorted.
import { readFileSync } from 'node:fs'
import { composeServices } from '@theguild/federation-composition'
import { buildSchema, lexicographicSortSchema, parse, printSchema } from 'graphql'

const given = JSON.parse(readFileSync(0, 'utf8'))
const services = Object.entries(given).map(([name, sdl]) => ({
  name,
  url: `http://127.0.0.1/${name}`,
  typeDefs: parse(sdl),
}))
const result = composeServices(services)
const errors = (result.errors ?? []).map((error) => error.message)
const api = errors.length
  ? null
  : printSchema(lexicographicSortSchema(buildSchema(result.publicSdl)))
console.log(JSON.stringify({ errors, api }))
