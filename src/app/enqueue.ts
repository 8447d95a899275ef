import { pino } from 'pino'
import type { Log } from '../core/ports/runtime.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { openQueueBackend } from '../queue/connection.ts'
import { assertMigrated } from '../store/migrate.ts'
import { openStore } from '../store/open-store.ts'
import { enqueueRecords } from '../usecases/records/enqueue-records.ts'
import { getPairByName } from '../usecases/setup/get-pair.ts'
import { createLateQueue } from './late-queue.ts'

export { SyncError } from '../core/errors.ts'

export interface EnqueuerOptions {
  /** The Postgres of Couplet. */
  readonly databaseUrl: string
  /** Its queue, as in QUEUE_URL; left out: in the same Postgres. */
  readonly queueUrl?: string
  /** As in COUPLET_QUEUE_PREFIX. */
  readonly queuePrefix?: string
  /** Redis over TLS: certificates (PEM) of the authorities to trust instead of the usual ones. */
  readonly queueAuthorities?: string
  /** Who asks, for the list of runs; default: `service`. */
  readonly name?: string
  /** Most connections to each of the two; default 4. */
  readonly poolSize?: number
}

/** Records of one mapping that have changed. */
export interface RecordsToSync {
  readonly mapping: string
  /** The side they are on: `local` is the ERP, `remote` the CRM. */
  readonly side: 'local' | 'remote'
  /** Keys as people write them, parts of a composite key by comma; of coupled records also their number. Any number of them. */
  readonly keys: readonly string[]
  /** Creates the missing partner although the mapping says only coupled records; default: no. */
  readonly createMissing?: boolean
  /** Name of the pair; may be left out where there is only one. */
  readonly pair?: string
  /** Why, for the people who read the list of runs. */
  readonly reason?: string
}

export interface Enqueuer {
  /**
   * Asks for records to be synchronized soon. They are stored when it resolves; asking again for what still waits changes
   * nothing. `runId` is the run that will see them. Throws SyncError.
   */
  enqueue(request: RecordsToSync): Promise<{ readonly runId: number; readonly records: number }>
  /** May be called again. */
  close(): Promise<void>
}

/**
 * Enqueues work from inside another Node service, without HTTP: needs the database and the queue of Couplet and nothing of the
 * business systems. While the queue is down records are stored all the same, and the scheduler of Couplet sees to the rest.
 * Throws SyncError that names what cannot be reached, or is set wrongly.
 */
export async function openEnqueuer(options: EnqueuerOptions): Promise<Enqueuer> {
  const { databaseUrl, name = 'service', poolSize = 4 } = options
  const log: Log = pino({ level: 'silent' })
  const store = openStore({ url: databaseUrl, poolSize, applicationName: `couplet/${name}` })
  const queue = createLateQueue(() => openQueue(options, log), log)
  const close = once(async () => {
    try {
      await queue.close()
    } finally {
      await store.close()
    }
  })
  try {
    await store.check()
    await assertMigrated(store.pool)
    await queue.tryToOpen()
  } catch (error) {
    await close()
    throw error
  }
  const deps = { stores: store.store, queue, log }
  return {
    async enqueue({ pair, createMissing = false, reason = 'Enqueued by a service', ...request }) {
      const { id: pairId } = await getPairByName(pair ?? null, deps)
      return enqueueRecords({ ...request, pairId, createMissing, reason, requestedBy: name }, deps)
    },
    close,
  }
}

function openQueue(options: EnqueuerOptions, log: Log): Promise<QueueBackend> {
  const { databaseUrl, queueUrl = databaseUrl, queuePrefix, queueAuthorities, poolSize = 4 } = options
  return openQueueBackend({
    url: queueUrl,
    log,
    poolSize,
    migrate: false,
    variable: options.queueUrl === undefined ? 'databaseUrl' : 'queueUrl',
    certificateAuthorities: queueAuthorities ?? null,
    ...(queuePrefix !== undefined && { prefix: queuePrefix }),
  })
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null
  return () => {
    done ??= work()
    return done
  }
}
