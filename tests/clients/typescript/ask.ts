// A typed client: sends both operations to the hub at HUB_URL with HUB_TOKEN, prints their data.
import {
  AddVenueDocument,
  ShopsOfGridDocument,
  type TypedDocumentString,
} from './build/generated/graphql.js'
import type { Venue } from './build/generated/schema.js'

const { HUB_URL: url, HUB_TOKEN: token } = process.env

/** The data of an operation; raises the answer's first error. */
async function ask<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: document, variables }),
  })
  const { data, errors } = (await response.json()) as {
    data: Data
    errors?: [{ message: string }]
  }
  if (errors) throw new Error(errors[0].message)
  return data
}

const added = await ask(AddVenueDocument, {
  input: {
    code: 'TYPESCRIPT-1',
    name: '类型咖啡馆',
    kind: 'EATERY',
    location: { longitude: 120.035, latitude: 36.005 },
    clientMutationId: 'typescript-1',
  },
})
const asked = await ask(ShopsOfGridDocument, {
  grid: added.createVenue?.venue.grid?.code ?? 'none',
  since: '2020-01-01T00:00:00Z',
  first: 2,
  on: '2024-02-01',
})

// The types are those of the schema, not `any`: what does not fit is refused.
const area: Pick<Venue, 'floorArea'>['floorArea'] = asked.venues.nodes[0]?.floorArea
// @ts-expect-error A position in the log is text.
const position: number | undefined = added.createVenue?.position
// @ts-expect-error No such field was asked for.
void asked.venues.nodes[0]?.address
// @ts-expect-error No such kind.
void (() => ask(AddVenueDocument, { input: { code: '1', name: '1', kind: 'CASTLE' } }))
// @ts-expect-error A variable is missing.
void (() => ask(ShopsOfGridDocument, { grid: '1' }))

console.log(JSON.stringify({ added, asked, area, position }))
