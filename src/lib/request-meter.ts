import { AsyncLocalStorage } from 'node:async_hooks'

/** What a piece of work has cost: wall time in milliseconds, and requests or statements sent to other systems. */
export interface Measure {
  ms: number
  requests: number
}

const current = new AsyncLocalStorage<Measure>()

/** Called by whoever sends a request or a statement, right before it leaves; free where nobody measures. */
export function countRequest(): void {
  const measure = current.getStore()
  if (measure) measure.requests += 1
}

/** Adds what the work costs to `into`. Work inside of work that is measured already belongs to that. */
export async function measured<T>(into: Measure, work: () => Promise<T>): Promise<T> {
  if (current.getStore()) return work()
  const start = performance.now()
  try {
    return await current.run(into, work)
  } finally {
    into.ms += performance.now() - start
  }
}
