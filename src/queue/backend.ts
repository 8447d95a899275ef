import {
  type BackendFactory,
  FlowProducer,
  type Job,
  Queue,
  type Telemetry,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import type { RedisServer } from '../core/doctor/judge.ts'
import { jobCatalog, type QueueName } from '../core/jobs/catalog.ts'
import type { Log } from '../core/ports/runtime.ts'
import { createErrorLog } from './error-log.ts'
import { slotAfter } from './slot-after.ts'
import { type QueuePlace, reachQueue } from './unavailable.ts'

/** What a worker of one queue is started with; the connection comes from the back end. */
type WorkerSettings = Pick<
  WorkerOptions,
  'concurrency' | 'lockDuration' | 'stalledInterval' | 'maxStalledCount' | 'settings'
>

/** What differs between Redis and Postgres. */
export interface QueueDriver {
  readonly kind: 'redis' | 'postgres'
  readonly place: QueuePlace
  readonly prefix: string
  /** Builds the connection of each queue and worker: always handed on, never BullMQ's process-wide default. */
  readonly factory: BackendFactory
  /** Carries traces on; left out: there are none. */
  readonly telemetry?: Telemetry
  ping(): Promise<unknown>
  /** What the server says of itself; null where the store is the queue too. */
  describe(): Promise<RedisServer | null>
  /** For each of these ids whether the queue knows it, in whatever state. BullMQ itself only asks for one at a time. */
  haveJobs(queue: Pick<Queue, 'name' | 'toKey'>, ids: readonly string[]): Promise<readonly boolean[]>
  /** Runs the operation while no other process runs one; for what BullMQ does in several steps on this server. */
  exclusively<T>(operation: () => Promise<T>): Promise<T>
  end(): Promise<void>
}

const shared = ({ prefix, telemetry }: QueueDriver) => ({
  connection: {},
  prefix,
  ...(telemetry === undefined ? {} : { telemetry }),
})
const newQueue = (name: QueueName, driver: QueueDriver) =>
  new Queue(name, { ...shared(driver), settings: { repeatStrategy: slotAfter } }, driver.factory)
const newFlows = (driver: QueueDriver) => new FlowProducer(shared(driver), driver.factory)
const newWorker = (
  name: QueueName,
  process: (job: Job, token?: string) => Promise<null>,
  settings: WorkerSettings,
  driver: QueueDriver,
) =>
  new Worker(
    name,
    process,
    // A second instead of BullMQ's fifteen before a worker asks again after an outage.
    { ...shared(driver), autorun: false, runRetryDelay: 1_000, ...settings },
    driver.factory,
  )

export type BoundQueue = ReturnType<typeof newQueue>
export type BoundWorker = ReturnType<typeof newWorker>

/** An open queue server: its queues for producers, and workers on demand. Close workers first, then the back end. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres'
  readonly place: QueuePlace
  readonly queues: Readonly<Record<QueueName, BoundQueue>>
  readonly flows: ReturnType<typeof newFlows>
  /** A worker that is connected and does not run yet. */
  createWorker(
    name: QueueName,
    process: (job: Job, token?: string) => Promise<null>,
    settings: WorkerSettings,
  ): Promise<BoundWorker>
  readonly exclusively: QueueDriver['exclusively']
  /** For each of these ids whether the queue knows it, in whatever state. */
  haveJobs(name: QueueName, ids: readonly string[]): Promise<readonly boolean[]>
  /** Throws QUEUE_UNAVAILABLE with the variable and host named. */
  check(): Promise<void>
  /** A Redis server, as it says itself; null for Postgres. Throws QUEUE_UNAVAILABLE. */
  describe(): Promise<RedisServer | null>
  /** Safe to call more than once. */
  close(): Promise<void>
}

export const queueNames: readonly QueueName[] = [
  ...new Set(Object.values(jobCatalog).map((kind) => kind.queue)),
]

/** Opens all queues over a driver that can be reached; what fails on the way closes the driver again. */
export async function openBackend(driver: QueueDriver, log: Log): Promise<QueueBackend> {
  const queues: Record<QueueName, BoundQueue> = {
    'couplet-runs': newQueue('couplet-runs', driver),
    'couplet-lines': newQueue('couplet-lines', driver),
    'couplet-schedules': newQueue('couplet-schedules', driver),
  }
  const flows = newFlows(driver)
  const producers = [...Object.values(queues), flows]
  let closing: Promise<void> | null = null
  const logError = createErrorLog(log, { queue: driver.place.shown })
  const onError = (error: Error) => closing ?? logError(error)
  for (const queue of Object.values(queues)) queue.on('error', onError)
  flows.on('error', onError)
  const closeAll = async () => {
    await Promise.allSettled(producers.map((producer) => producer.close()))
    await driver.end()
  }
  const close = () => (closing ??= closeAll())
  try {
    // Readiness is remembered by BullMQ, failure too: only queues that were ready once are handed out.
    await reachQueue(driver.place, () => Promise.all(producers.map((producer) => producer.waitUntilReady())))
  } catch (error) {
    await close()
    throw error
  }
  return {
    kind: driver.kind,
    place: driver.place,
    queues,
    flows,
    createWorker: (name, process, settings) =>
      openWorker(newWorker(name, process, settings, driver), driver, log),
    exclusively: (operation) => driver.exclusively(operation),
    haveJobs: async (name, ids) => (ids.length === 0 ? [] : driver.haveJobs(queues[name], ids)),
    check: async () => {
      await reachQueue(driver.place, () => driver.ping())
    },
    describe: () => reachQueue(driver.place, () => driver.describe()),
    close,
  }
}

async function openWorker(worker: BoundWorker, driver: QueueDriver, log: Log): Promise<BoundWorker> {
  const onError = createErrorLog(log, { queue: worker.name, address: driver.place.shown })
  // A worker that closes cuts its own connections: nobody needs to hear of it.
  worker.on('error', (error) => worker.closing ?? onError(error))
  try {
    await reachQueue(driver.place, () => worker.waitUntilReady())
    return worker
  } catch (error) {
    await worker.close(true)
    throw error
  }
}
