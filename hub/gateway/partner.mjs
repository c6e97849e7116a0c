// A partner's answer, cut to what it was asked: it cannot put values into others' fields, nor set
// the status and headers of the gateway's own answer.
import {
  GraphQLError,
  Kind,
  getNamedType,
  isListType,
  isNonNullType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql'
import { CODE } from './away.mjs'

const LONGEST = 1_000 // characters of a partner's message
const DEEPEST = 100 // steps of an error's path
const MOST = 20 // errors of one answer
const UNFIT = 'answers with what does not fit its schema'

// An answer that is not what was asked for.
export class Misfit extends Error {}

// The result with nothing but what the request selects. Throws Misfit for what is no answer to it.
export function honest(name, request, result, schema) {
  if (!isObject(result)) throw new Misfit('answers with what is no GraphQL answer')
  const { data, errors } = result
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) {
    throw new Misfit('answers with what is no GraphQL answer')
  }
  if (data !== undefined && data !== null && !isObject(data)) {
    throw new Misfit('answers with what is no GraphQL answer')
  }
  const cut = {}
  if (data !== undefined) {
    cut.data = data === null ? null : object(data, shapeOf(request.document, schema))
  }
  if (cut.data) represented(cut.data, request)
  if (errors?.length) cut.errors = errors.slice(0, MOST).map((error) => plain(name, error))
  return cut
}

function plain(name, error) {
  if (error?.extensions?.code === CODE && error.extensions.subgraph === name) return error
  const message = typeof error?.message === 'string' ? error.message : 'an error without a message'
  const steps = Array.isArray(error?.path) && error.path.length <= DEEPEST
  const path = steps ? error.path : undefined
  const code = error?.extensions?.code
  return new GraphQLError(message.slice(0, LONGEST), {
    path,
    extensions: { ...(typeof code === 'string' && { code: code.slice(0, 100) }), subgraph: name },
  })
}

const shapes = new WeakMap()

// Response keys of an object, each with its type and the keys below it (null for a leaf). A key that
// only stands within a fragment may be missing.
function shapeOf(document, schema) {
  let shape = shapes.get(document)
  if (!shape) {
    const fragments = new Map()
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
    }
    const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
    shape = new Map()
    const root = schema?.getRootType(operation.operation)
    collect({ schema, fragments }, operation.selectionSet, root, true, shape)
    shapes.set(document, shape)
  }
  return shape
}

function collect(within, selectionSet, parent, sure, shape) {
  for (const node of selectionSet.selections) {
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value
      const type = parent?.getFields?.()[node.name.value]?.type
      const known = shape.get(key)
      const below = node.selectionSet ? (known?.below ?? new Map()) : null
      shape.set(key, { type, below, sure: sure || Boolean(known?.sure) })
      if (below) collect(within, node.selectionSet, type && getNamedType(type), true, below)
    } else {
      const spread = node.kind === Kind.FRAGMENT_SPREAD
      const fragment = spread ? within.fragments.get(node.name.value) : node
      const on = fragment.typeCondition?.name.value
      const kind = on ? within.schema?.getType(on) : parent
      collect(within, fragment.selectionSet, kind, sure && kind === parent, shape)
    }
  }
}

function object(value, shape) {
  if (!isObject(value)) throw new Misfit(UNFIT)
  const found = {}
  for (const [key, { type, below, sure }] of shape) {
    if (Object.hasOwn(value, key)) found[key] = picked(value[key], type, below)
    else if (sure && isNonNullType(type)) throw new Misfit(UNFIT)
  }
  return found
}

// A value of this type; where the type is not known, of whatever form it has.
function picked(value, type, below) {
  if (isNonNullType(type)) {
    if (value === null || value === undefined) throw new Misfit(UNFIT)
    return picked(value, type.ofType, below)
  }
  if (value === null || value === undefined) return null
  if (type && isListType(type) !== Array.isArray(value) && !isFree(type)) throw new Misfit(UNFIT)
  if (Array.isArray(value) && (!type || isListType(type))) {
    return value.map((each) => picked(each, type?.ofType, below))
  }
  return below ? object(value, below) : leaf(value, type)
}

function leaf(value, type) {
  if (type && isSpecifiedScalarType(type)) {
    try {
      type.serialize(value)
    } catch {
      throw new Misfit(UNFIT)
    }
  }
  return value
}

// A scalar of the partner's own may hold anything.
function isFree(type) {
  return isScalarType(type) && !isSpecifiedScalarType(type)
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
