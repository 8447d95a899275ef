import { BullMQOtel } from 'bullmq-otel'
import type { Log } from '../core/ports/runtime.ts'
import { openBackend, type QueueBackend } from './backend.ts'
import { openPostgresDriver } from './postgres-driver.ts'
import { parseQueueUrl } from './queue-url.ts'
import { openRedisDriver } from './redis-driver.ts'

export interface QueueBackendOptions {
  /** Forms: see parseQueueUrl. */
  readonly url: string
  readonly log: Log
  /** Redis: first part of every key. Postgres: not used, the database is the namespace. */
  readonly prefix?: string
  /** Redis over TLS: certificates (PEM) of the authorities to trust instead of the usual ones. */
  readonly certificateAuthorities?: string | null
  /** Setting to name in errors. */
  readonly variable?: string
  /** Postgres: connections of this process at most, but always enough for its three workers to go on. */
  readonly poolSize?: number
  /** Postgres: create and update BullMQ's tables; several processes may do it at once. */
  readonly migrate?: boolean
  /** Carries the trace of whoever adds a job on to whoever runs it. */
  readonly traces?: boolean
}

/**
 * Connects to the queue server and checks it (Redis 6.2+, no eviction). Throws QUEUE_UNAVAILABLE with variable and
 * host:port when it does not answer.
 */
export async function openQueueBackend(options: QueueBackendOptions): Promise<QueueBackend> {
  const {
    url,
    log,
    prefix = 'couplet',
    variable = 'QUEUE_URL',
    poolSize = 10,
    migrate = true,
    traces = false,
  } = options
  const address = parseQueueUrl(url, variable)
  const driver =
    address.kind === 'postgres'
      ? await openPostgresDriver(address.url, { shown: address.shown, variable, log, poolSize, migrate })
      : await openRedisDriver(address, {
          prefix,
          variable,
          log,
          certificateAuthorities: options.certificateAuthorities ?? null,
        })
  return openBackend(
    traces ? { ...driver, telemetry: new BullMQOtel({ tracerName: 'couplet' }) } : driver,
    log,
  )
}
