import { systemClock } from '../src/app/clock.ts'
import { createBusinessCentralConnector } from '../src/connectors/business-central/connector.ts'
import { readSettings as readCentral } from '../src/connectors/business-central/settings.ts'
import { createDataverseConnector } from '../src/connectors/dataverse/connector.ts'
import { readSettings as readDataverse } from '../src/connectors/dataverse/settings.ts'
import { createExchange, type OutgoingRequest } from '../src/connectors/http/exchange.ts'
import { parseNetworks } from '../src/connectors/http/networks.ts'
import { createSignIn } from '../src/connectors/http/sign-in.ts'
import { createTransport } from '../src/connectors/http/transport.ts'
import { readLimits } from '../src/connectors/odata/failure.ts'
import type { Connector } from '../src/core/ports/connector.ts'
import type { RequestBudget } from '../src/core/ports/request-budget.ts'
import type { HttpSystem, Place } from './http-place.ts'

export type SentRequest = Pick<OutgoingRequest, 'method' | 'url' | 'headers' | 'body'>

export interface Connected {
  readonly connector: Connector
  /** What it has sent since it was last asked, sign-in left out. */
  takeSent(): readonly SentRequest[]
  /** Most requests that were under way at once. */
  readonly atOnce: () => number
  close(): Promise<void>
}

const noBudget: RequestBudget = {
  acquire: async () => ({ identity: 'bench', release: () => undefined }),
}

/** A connector as it is shipped, without a budget; with `notes`, a bare loop can send the same requests afterwards. */
export function connect(system: HttpSystem, place: Place, { notes }: { notes: boolean }): Connected {
  const { exchange, noted } = notingExchange(place, notes)
  const users = new Map([
    [
      'bench',
      {
        kind: 'client-secret',
        clientId: place.clientId,
        secret: place.clientSecret,
        scope: place.scope,
        tokenUrl: new URL(place.tokenUrl),
      } as const,
    ],
  ])
  const transport = createTransport({
    connection: 'bench',
    exchange,
    budget: noBudget,
    signIn: createSignIn({ connection: 'bench', users, exchange, clock: systemClock }),
    readLimits,
    retry: { maxAttempts: 1, patienceMs: 0, backoff: { firstMs: 1, maxMs: 1 } },
    clock: systemClock,
    random: Math.random,
  })
  return {
    connector: makers[system](place, transport),
    takeSent: () => noted.sent.splice(0),
    atOnce: () => noted.most,
    close: () => transport.close(),
  }
}

function notingExchange(place: Place, notes: boolean) {
  const exchange = createExchange({
    connection: 'bench',
    sockets: 50,
    connectTimeoutMs: 10_000,
    headersTimeoutMs: 120_000,
    bodyTimeoutMs: 120_000,
    totalTimeoutMs: 120_000,
    privateNetworks: parseNetworks('127.0.0.0/8,::1/128') ?? [],
    clock: systemClock,
  })
  const noted: { sent: SentRequest[]; now: number; most: number } = { sent: [], now: 0, most: 0 }
  return {
    noted,
    exchange: {
      ...exchange,
      async exchange(request: OutgoingRequest) {
        const { method, url, headers, body } = request
        if (notes && url.href !== place.tokenUrl) noted.sent.push({ method, url, headers, body })
        noted.now += 1
        noted.most = Math.max(noted.most, noted.now)
        try {
          return await exchange.exchange(request)
        } finally {
          noted.now -= 1
        }
      },
    },
  }
}

const makers: Readonly<
  Record<HttpSystem, (place: Place, transport: ReturnType<typeof createTransport>) => Connector>
> = {
  dataverse: ({ root }, transport) =>
    createDataverseConnector({
      name: 'bench',
      settings: readDataverse('bench', { url: root }),
      transport,
    }),
  'business-central': ({ root, company }, transport) => {
    const settings = readCentral('bench', { url: root, company, allowHttp: 'yes' })
    return createBusinessCentralConnector({
      ...settings,
      name: 'bench',
      transport,
      clock: systemClock,
      random: Math.random,
      users: ['bench'],
      overlapMs: 300_000,
      maxAnswerBytes: settings.maxAnswerMegabytes * 2 ** 20,
      announcements: null,
    })
  },
}
