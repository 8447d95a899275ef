import { createExchange } from '../connectors/http/exchange.ts'
import type { Networks } from '../connectors/http/networks.ts'
import { type Credentials, createSignIn } from '../connectors/http/sign-in.ts'
import { createTransport, type Transport } from '../connectors/http/transport.ts'
import { readLimits } from '../connectors/odata/failure.ts'
import { exchange as exchangeBudget } from '../core/budget/exchange.ts'
import type { BudgetLimits } from '../core/budget/limits.ts'
import { type BudgetState, freshBudget } from '../core/budget/state.ts'
import type { BudgetStore } from '../core/ports/budget-store.ts'
import type { Clock } from '../core/ports/runtime.ts'
import { sleep } from '../lib/sleep.ts'
import { createSharedBudget } from '../usecases/budget/shared-budget.ts'
import type { ProcessMetrics } from './metrics/process-metrics.ts'
import { observeExchange } from './tracing/observed-exchange.ts'

/** What connections over HTTP need of the process they are in. */
export interface HttpSurroundings {
  readonly budgets: Pick<BudgetStore, 'exchange'>
  readonly metrics: Pick<ProcessMetrics, 'observeRequest'>
  readonly clock: Clock
  readonly random: () => number
  /** Where connections may lead besides public addresses. */
  readonly privateNetworks: Networks
  /** Names this process, newly with every start. */
  readonly worker: string
}

export interface HttpConnection {
  readonly id: number
  readonly name: string
  /** By name; each has a budget of its own, and they share the work. */
  readonly users: ReadonlyMap<string, Credentials>
  /** What the system grants each of them. */
  readonly limits: BudgetLimits
  /** Longest time for one answer. */
  readonly timeoutMs: number
  /** PEM; null: the usual authorities. */
  readonly certificateAuthorities: string | null
}

/** Number of a connection that is only tried: nobody else can know of it, so its budget is its own. */
const notStored = 0
const connectTimeoutMs = 20_000
const stalledBodyMs = 60_000
const retry = { maxAttempts: 5, patienceMs: 120_000, backoff: { firstMs: 500, maxMs: 15_000 } }

/** Opens the way to a system: signed in, within the budget that all workers share, with repetitions where they are harmless. */
export function openHttpConnection(connection: HttpConnection, around: HttpSurroundings): Transport {
  const { id, name, users, limits, timeoutMs, certificateAuthorities } = connection
  const { clock, random } = around
  const plainExchange = createExchange({
    connection: name,
    sockets: limits.concurrency * users.size,
    connectTimeoutMs,
    headersTimeoutMs: timeoutMs,
    bodyTimeoutMs: Math.min(stalledBodyMs, timeoutMs),
    totalTimeoutMs: timeoutMs,
    ...(certificateAuthorities === null ? {} : { certificateAuthorities }),
    privateNetworks: around.privateNetworks,
    clock,
  })
  const exchange = observeExchange(plainExchange, name, around)
  const budget = createSharedBudget({
    connectionId: id,
    identities: [...users.keys()],
    limits,
    store: id === notStored ? createTrialBudgets(clock) : around.budgets,
    worker: around.worker,
    clock,
    random,
    wait: sleep,
  })
  const transport = createTransport({
    connection: name,
    exchange,
    budget,
    signIn: createSignIn({ connection: name, users, exchange, clock }),
    readLimits,
    retry,
    clock,
    random,
  })
  return {
    ...transport,
    async close() {
      await transport.close()
      await budget.close()
    },
  }
}

/** Budgets of this process alone. */
function createTrialBudgets(clock: Clock): HttpSurroundings['budgets'] {
  const states = new Map<string, BudgetState>()
  return {
    async exchange({ identity, limits, report }) {
      const now = clock.now().getTime()
      const { state, grant } = exchangeBudget(states.get(identity) ?? freshBudget(now), report, now, limits)
      states.set(identity, state)
      return grant
    },
  }
}
