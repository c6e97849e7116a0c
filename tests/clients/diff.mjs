// Compares two schemas given as files of SDL, the older first; prints the changes as JSON:
// [{"criticality": "BREAKING" | "DANGEROUS" | "NON_BREAKING", "path", "message"}, …].
import { readFileSync } from 'node:fs'
import { diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'

const [before, after] = process.argv.slice(2).map((file) => buildSchema(readFileSync(file, 'utf8')))
const changes = await diff(before, after)
const told = changes.map(({ criticality, path, message }) => ({
  criticality: criticality.level,
  path: path ?? 'schema',
  message,
}))
console.log(JSON.stringify(told))
