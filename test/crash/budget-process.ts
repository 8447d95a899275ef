import { systemClock } from '../../src/app/clock.ts'
import { sleep } from '../../src/lib/sleep.ts'
import { openStore } from '../../src/store/open-store.ts'
import { createSharedBudget } from '../../src/usecases/budget/shared-budget.ts'

/** Sends as many requests as the shared budget lets it, until it is killed or its standard input ends. */
const [databaseUrl = '', serverUrl = '', connectionId = '', limits = ''] = process.argv.slice(2)
process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL'))
const store = openStore({ url: databaseUrl, poolSize: 2, applicationName: 'budget' })
const budget = createSharedBudget({
  connectionId: Number(connectionId),
  identities: ['sync'],
  limits: JSON.parse(limits),
  store: store.store.budgets,
  worker: `worker-${process.pid}`,
  clock: systemClock,
  random: Math.random,
  wait: sleep,
})

async function send(): Promise<never> {
  for (;;) {
    const permit = await budget.acquire({
      lane: 'scheduled',
      mapping: 'M',
      signal: new AbortController().signal,
    })
    const from = performance.now()
    const { status } = await fetch(serverUrl, { headers: { worker: String(process.pid) } })
    const durationMs = performance.now() - from
    permit.release({ status, durationMs, retryAfterMs: null, parallelismHint: null, facet: null })
  }
}

await Promise.all(Array.from({ length: 4 }, send))
