import { Histogram, Registry } from 'prom-client'

/** One request to a business system; `status` is null when there was no answer. */
export interface RequestFacts {
  readonly connection: string
  readonly method: string
  readonly status: number | null
  readonly seconds: number
}

/** What this process counts by itself, as it happens. */
export interface ProcessMetrics {
  observeRequest(facts: RequestFacts): void
  readonly register: Registry
}

export function createProcessMetrics(): ProcessMetrics {
  const register = new Registry()
  const requests = new Histogram({
    name: 'couplet_request_duration_seconds',
    help: 'Requests to business systems over HTTP, from the moment they leave to the last byte of the answer.',
    labelNames: ['connection', 'method', 'status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
    registers: [register],
  })
  return {
    register,
    observeRequest({ connection, method, status, seconds }) {
      requests.observe({ connection, method, status: status === null ? 'none' : String(status) }, seconds)
    },
  }
}
