import { systemClock } from '../../../src/app/clock.ts'
import {
  createExchange,
  type Exchange,
  type ExchangeSettings,
} from '../../../src/connectors/http/exchange.ts'
import { parseNetworks } from '../../../src/connectors/http/networks.ts'
import type { RetryPolicy } from '../../../src/connectors/http/retry.ts'
import { type Credentials, createSignIn } from '../../../src/connectors/http/sign-in.ts'
import {
  createTransport,
  type Transport,
  type TransportRequest,
} from '../../../src/connectors/http/transport.ts'
import { readLimits } from '../../../src/connectors/odata/failure.ts'
import type { RequestAnswer, RequestBudget } from '../../../src/core/ports/request-budget.ts'
import type { Clock } from '../../../src/core/ports/runtime.ts'
import { thisMachine } from '../this-machine.ts'

/** A budget without limits that gives its users in turn, and remembers what it is told. */
export interface OpenBudget extends RequestBudget {
  readonly answers: readonly (RequestAnswer & { readonly identity: string })[]
  readonly running: number
}

export function openBudget(...identities: readonly string[]): OpenBudget {
  const answers: (RequestAnswer & { identity: string })[] = []
  let next = 0
  const budget = {
    answers,
    running: 0,
    async acquire({ signal }: { readonly signal: AbortSignal }) {
      signal.throwIfAborted()
      const identity = identities[next % identities.length] ?? 'sync'
      next += 1
      budget.running += 1
      return {
        identity,
        release(answer: RequestAnswer) {
          budget.running -= 1
          answers.push({ ...answer, identity })
        },
      }
    },
  }
  return budget
}

export interface TestTransport extends Transport {
  readonly budget: OpenBudget
  /** Every wait before a repetition, in ms; none of them takes any time. */
  readonly waits: readonly number[]
  readonly exchange: Exchange
}

export interface TransportOptions {
  readonly limits?: Partial<ExchangeSettings>
  readonly users?: ReadonlyMap<string, Credentials>
  readonly clock?: Clock
  readonly budget?: OpenBudget
  readonly retry?: Partial<RetryPolicy>
  /** What a wait before a repetition does besides; nothing if left out. */
  readonly wait?: (ms: number) => Promise<void>
}

/** A transport with short time limits whose waits take no time but are written down. */
export function openTransport(options: TransportOptions = {}): TestTransport {
  const waits: number[] = []
  const clock = options.clock ?? systemClock
  const exchange = createExchange({
    connection: 'crm',
    sockets: 4,
    connectTimeoutMs: 5_000,
    headersTimeoutMs: 20_000,
    bodyTimeoutMs: 20_000,
    totalTimeoutMs: 60_000,
    privateNetworks: parseNetworks(thisMachine) ?? [],
    clock,
    ...options.limits,
  })
  const users = options.users ?? new Map<string, Credentials>([['sync', { kind: 'none' }]])
  const budget = options.budget ?? openBudget(...users.keys())
  const transport = createTransport({
    connection: 'crm',
    exchange,
    budget,
    signIn: createSignIn({ connection: 'crm', users, exchange, clock }),
    readLimits,
    retry: {
      maxAttempts: 4,
      patienceMs: 30_000,
      backoff: { firstMs: 500, maxMs: 8_000 },
      ...options.retry,
    },
    clock,
    random: () => 0.5,
    wait: async (ms) => {
      waits.push(ms)
      await options.wait?.(ms)
    },
  })
  return { ...transport, budget, waits, exchange }
}

/** A GET of this address; the answer may have a megabyte. */
export function get(url: URL, overrides: Partial<TransportRequest> = {}): TransportRequest {
  return {
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    body: null,
    isRepeatable: true,
    assertMaySend: () => {},
    lane: 'scheduled',
    mapping: null,
    maxAnswerBytes: 1_000_000,
    signal: new AbortController().signal,
    ...overrides,
  }
}

export function post(url: URL, overrides: Partial<TransportRequest> = {}): TransportRequest {
  return get(url, { method: 'POST', body: '{}', isRepeatable: false, ...overrides })
}
