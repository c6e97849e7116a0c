// A partner's answer, cut to what it was asked: it cannot put values into others' fields, nor set
// the status and headers of the gateway's own answer.
import { GraphQLError, Kind } from 'graphql'
import { CODE } from './away.mjs'

const LONGEST = 1_000 // characters of a partner's message

// An answer that is not what was asked for.
export class Misfit extends Error {}

// The result with nothing but what the request selects. Throws Misfit for what is no answer to it.
export function honest(name, request, result) {
  if (!isObject(result)) throw new Misfit('answers with what is no GraphQL answer')
  const { data, errors } = result
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) {
    throw new Misfit('answers with what is no GraphQL answer')
  }
  if (data !== undefined && data !== null && !isObject(data)) {
    throw new Misfit('answers with what is no GraphQL answer')
  }
  const cut = {}
  if (data !== undefined) cut.data = data === null ? null : picked(data, shapeOf(request.document))
  if (cut.data) represented(cut.data, request)
  if (errors?.length) cut.errors = errors.map((error) => plain(name, error))
  return cut
}

function plain(name, error) {
  if (error?.extensions?.code === CODE && error.extensions.subgraph === name) return error
  const message = typeof error?.message === 'string' ? error.message : 'an error without a message'
  const path = Array.isArray(error?.path) ? error.path : undefined
  const code = error?.extensions?.code
  return new GraphQLError(message.slice(0, LONGEST), {
    path,
    extensions: { ...(typeof code === 'string' && { code: code.slice(0, 100) }), subgraph: name },
  })
}

const shapes = new WeakMap()

// Response keys by object, each with the shape below it, or null for a leaf.
function shapeOf(document) {
  let shape = shapes.get(document)
  if (!shape) {
    const fragments = new Map()
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
    }
    const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
    shape = new Map()
    collect(operation.selectionSet, fragments, shape)
    shapes.set(document, shape)
  }
  return shape
}

function collect(selectionSet, fragments, shape) {
  for (const node of selectionSet.selections) {
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value
      if (!shape.has(key)) shape.set(key, node.selectionSet ? new Map() : null)
      if (node.selectionSet) collect(node.selectionSet, fragments, shape.get(key))
    } else {
      const within = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node
      collect(within.selectionSet, fragments, shape)
    }
  }
}

function picked(value, shape) {
  if (value === null || value === undefined || shape === null) return value
  if (Array.isArray(value)) return value.map((each) => picked(each, shape))
  if (!isObject(value)) throw new Misfit('answers with what does not fit its schema')
  const found = {}
  for (const [key, below] of shape) {
    if (Object.hasOwn(value, key)) found[key] = picked(value[key], below)
  }
  return found
}

// Each entity is the one that was asked for, or null.
function represented(data, { document, variables }) {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  for (const node of operation.selectionSet.selections) {
    if (node.kind !== Kind.FIELD || node.name.value !== '_entities') continue
    const key = node.alias?.value ?? '_entities'
    const given = node.arguments.find((each) => each.name.value === 'representations')?.value
    const asked = given?.kind === Kind.VARIABLE ? variables?.[given.name.value] : undefined
    const found = data[key]
    if (found === null || found === undefined || !Array.isArray(asked)) continue
    if (!Array.isArray(found) || found.length !== asked.length) {
      throw new Misfit('answers with other entities than were asked for')
    }
    data[key] = found.map((each, i) => {
      const other = each?.__typename !== undefined && each.__typename !== asked[i].__typename
      return other ? null : each
    })
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
