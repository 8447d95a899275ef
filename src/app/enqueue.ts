import { pino } from 'pino'
import type { Log } from '../core/ports/runtime.ts'
import { openQueueBackend } from '../queue/connection.ts'
import { createJobQueue } from '../queue/job-queue.ts'
import { assertMigrated } from '../store/migrate.ts'
import { openStore } from '../store/open-store.ts'
import { enqueueRecords } from '../usecases/records/enqueue-records.ts'
import { getPairByName } from '../usecases/setup/get-pair.ts'

export { SyncError } from '../core/errors.ts'

export interface EnqueuerOptions {
  /** The Postgres of Couplet. */
  readonly databaseUrl: string
  /** Its queue, as in QUEUE_URL; left out: in the same Postgres. */
  readonly queueUrl?: string
  /** As in COUPLET_QUEUE_PREFIX. */
  readonly queuePrefix?: string
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
  close(): Promise<void>
}

/**
 * Enqueues work from inside another Node service, without HTTP: needs the database and the queue of Couplet and nothing of the
 * business systems. Throws SyncError that names what cannot be reached.
 */
export async function openEnqueuer(options: EnqueuerOptions): Promise<Enqueuer> {
  const { databaseUrl, queueUrl = databaseUrl, queuePrefix, name = 'service', poolSize = 4 } = options
  const log: Log = pino({ level: 'silent' })
  const store = openStore({ url: databaseUrl, poolSize, applicationName: `couplet/${name}` })
  try {
    await store.check()
    await assertMigrated(store.pool)
    const backend = await openQueueBackend({
      url: queueUrl,
      log,
      poolSize,
      migrate: false,
      variable: options.queueUrl === undefined ? 'databaseUrl' : 'queueUrl',
      ...(queuePrefix !== undefined && { prefix: queuePrefix }),
    })
    const deps = { stores: store.store, queue: createJobQueue(backend, log), log }
    return {
      async enqueue({ pair, createMissing = false, reason = 'Enqueued by a service', ...request }) {
        const { id: pairId } = await getPairByName(pair ?? null, deps)
        return enqueueRecords({ ...request, pairId, createMissing, reason, requestedBy: name }, deps)
      },
      async close() {
        await backend.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
