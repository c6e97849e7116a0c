// What answers each field; fields that are not named here are those of the stored record.
import { GraphQLError } from 'graphql'
import { refusal } from './caller.mjs'

const MOST = 100

export function fieldsOf(inventory) {
  return {
    Query: {
      streetLamp: (_, { code }) => inventory.lamps.get(code) ?? null,
      streetLamps: (_, { first }) => page([...inventory.lamps.values()], first),
    },
    Mutation: {
      reportLampFault(_, { code, note }, { caller }) {
        if (!caller) throw refusal('sign in to report a fault')
        if (!inventory.lamps.has(code)) throw bad(`there is no street lamp ${code}`)
        return inventory.report(code, note, caller.sub)
      },
    },
    Subscription: {
      lampChanges: {
        subscribe(_, { after }, { signal }) {
          const last = inventory.changes.length
          const number = after == null ? last : numberOf(after, last)
          return messages(inventory, number, after == null, signal)
        },
        resolve: (message) => message,
      },
    },
    StreetLamp: {
      __resolveReference: ({ code }) => inventory.lamps.get(code) ?? null,
      faultBy: (lamp, _, { caller }) => (caller ? lamp.faultBy : null),
    },
    ChargingPost: {
      __resolveReference: ({ code }) => inventory.posts.get(code) ?? null,
    },
    Grid: {
      streetLamps: ({ code }, { first }) => page(inventory.in(code), first),
    },
    Building: {
      chargingPosts: ({ code }, { first }) => page(inventory.at(code), first),
      chargingAdvice: ({ floors }) =>
        floors == null ? null : `${Math.ceil(floors / 5)} posts for ${floors} floors`,
    },
  }
}

async function* messages(inventory, number, opening, signal) {
  if (opening) yield { cursor: cursorOf(number), lamp: null }
  for await (const change of inventory.follow(number, signal)) {
    const lamp = inventory.lamps.get(change.code)
    yield { cursor: cursorOf(change.number), lamp, fault: change.fault }
  }
}

const cursorOf = (number) => `c${number}`

function numberOf(cursor, last) {
  const [, digits] = /^c(\d{1,15})$/.exec(cursor) ?? []
  if (digits === undefined || digits > last) throw bad(`${cursor} is no cursor of this stream`)
  return Number(digits)
}

function page(records, first) {
  if (first < 0 || first > MOST) throw bad(`first must be between 0 and ${MOST}`)
  return records.slice(0, first)
}

function bad(message) {
  return new GraphQLError(message, { extensions: { code: 'BAD_INPUT' } })
}
