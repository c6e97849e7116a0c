// A subscription as one writes it with graphql-ws and ws alone, for the benchmarks: an async
// iterator for each subscriber, which filters what one shared consumer of the topic hands it.
// node --expose-gc plain_graphql_ws.mjs PORT TOPIC (KAFKA: how Kafka is reached)
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import kafkajs from 'kafkajs'
import { WebSocketServer } from 'ws'

const [port, topic] = process.argv.slice(2)
const kafka = JSON.parse(process.env.KAFKA)
const user = kafka.sasl_plain_username
const listeners = new Set()

async function* events({ grid, within, type }) {
  const waiting = []
  let wake = () => {}
  const listener = (message) => {
    waiting.push(message)
    wake()
  }
  listeners.add(listener)
  try {
    while (true) {
      while (waiting.length) {
        const { cursor, event } = waiting.shift()
        if (grid != null && event.grid !== grid) continue
        if (within != null && !event.path.includes(within)) continue
        if (type != null && event.type !== type) continue
        yield { events: { cursor, left: false, event } }
      }
      await new Promise((resolve) => (wake = resolve))
    }
  } finally {
    listeners.delete(listener)
  }
}

const schema = buildSchema(`
  type Query { ok: Boolean }
  type Event {
    id: ID! version: Int! type: String! phase: String! status: String!
    openedAt: String! updatedAt: String! confidence: Float! rule: String!
  }
  type EventDelivery { cursor: String! left: Boolean! event: Event! }
  type Subscription { events(grid: String, within: String, type: String): EventDelivery! }
`)
schema.getSubscriptionType().getFields().events.subscribe = (_, args) => events(args)

const consumer = new kafkajs.Kafka({
  brokers: kafka.bootstrap_servers.split(','),
  sasl: user && { mechanism: 'plain', username: user, password: kafka.sasl_plain_password },
  logLevel: kafkajs.logLevel.ERROR,
}).consumer({ groupId: `${topic}-bench-${process.pid}`, maxWaitTimeInMs: 100 })
await consumer.connect()
await consumer.subscribe({ topic })
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    const told = { cursor: `${partition}:${message.offset}`, event: JSON.parse(message.value) }
    for (const listener of listeners) listener(told)
  },
})
process.on('SIGUSR2', () => globalThis.gc())

const host = '127.0.0.1'
useServer({ schema }, new WebSocketServer({ port: Number(port), host, backlog: 4096 }))
