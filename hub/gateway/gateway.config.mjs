// Hive Gateway in front of the hub's subgraphs and partners'. All it needs to know it asks the
// directory's process (HUB_GATEWAY_DIRECTORY), showing its secret (HUB_GATEWAY_KEY): which
// supergraph to route by, and whether an operation may run.
import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from '@graphql-hive/gateway'
import http from '@graphql-mesh/transport-http'
import { answers } from './answers.mjs'
import { checked } from './checked.mjs'
import { Directory } from './directory.mjs'
import { checkedOnSockets } from './sockets.mjs'
import { streams } from './streams.mjs'

// In a container: a file, as with all of the hub's secrets.
const SECRET = '/run/secrets/hub_gateway_key'

const directory = new Directory({
  url: process.env.HUB_GATEWAY_DIRECTORY ?? 'http://127.0.0.1:4001',
  key: process.env.HUB_GATEWAY_KEY ?? (existsSync(SECRET) ? readFileSync(SECRET, 'utf8').trim() : ''),
  kept: process.env.HUB_GATEWAY_KEPT ?? '',
})

// The gateway's own polling takes 10 s at the least; this is the message its workers get instead.
directory.follow(1_000, () => process.emit('message', 'invalidateUnifiedGraph'))

export const gatewayConfig = defineConfig({
  host: process.env.HUB_GATEWAY_HOST ?? '127.0.0.1',
  port: Number(process.env.HUB_GATEWAY_PORT ?? 4000),
  supergraph: () => directory.supergraph(),
  // A new supergraph serves new operations at once; those under way end on the one they began on.
  gracefulSchemaReload: { drainTimeout: 60_000 },
  gracefulShutdownTimeout: 20_000,
  requestTimeout: 30_000, // a client has so long to send its request
  graphqlEndpoint: '/graphql',
  // Wider than the hub's own limits, which the check applies: for when the hub cannot be asked.
  maxTokens: 20_000,
  maxDepth: 40,
  cors: false,
  landingPage: false,
  graphiql: false,
  logging: process.env.HUB_GATEWAY_LOG ?? 'warn',
  requestId: true,
  subgraphErrors: { errorCode: false, subgraphNameProp: 'subgraph' },
  upstreamTimeout: ({ subgraphName, executionRequest }) =>
    executionRequest?.operationType === 'subscription' ? undefined : directory.deadline(subgraphName),
  propagateHeaders: {
    fromClientToSubgraphs: ({ context, request, subgraphName }) =>
      directory.headers(subgraphName, request ?? context?.request, context),
  },
  transportEntries: {
    '*.http': {
      options: {
        // An answer must never be shared by callers of different rights.
        deduplicateInflightRequests: false,
        subscriptions: { kind: 'stream', location: '/graphql' },
      },
    },
  },
  transports: { http, stream: streams(directory) },
  plugins: () => [checked(directory), checkedOnSockets(directory), answers(directory)],
})
