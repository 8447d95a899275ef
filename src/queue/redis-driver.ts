import { type BackendFactory, createRedisBackend } from 'bullmq'
import { Cluster, Redis } from 'ioredis'
import type { Log } from '../core/ports/runtime.ts'
import { sleep } from '../lib/sleep.ts'
import type { QueueDriver } from './backend.ts'
import { createErrorLog } from './error-log.ts'
import type { QueueAddress } from './queue-url.ts'
import { checkServer, readServerInfo } from './redis-server.ts'
import { type QueuePlace, reachQueue, toQueueError, unavailable } from './unavailable.ts'

type RedisAddress = Exclude<QueueAddress, { kind: 'postgres' }>

const connectTimeoutMs = 5_000

/**
 * Two connections per process, plus the blocking one each worker duplicates for itself. Producers fail after one
 * reconnect, so that an HTTP request does not hang with the server down; workers wait for it without end.
 */
export async function openRedisDriver(
  address: RedisAddress,
  options: { prefix: string; variable: string; log: Log; certificateAuthorities: string | null },
): Promise<QueueDriver> {
  const place = { variable: options.variable, shown: address.shown }
  const tls = options.certificateAuthorities === null ? {} : { ca: options.certificateAuthorities }
  const producer = createClient(address, 1, tls)
  const consumer = createClient(address, null, tls)
  const onError = createErrorLog(options.log, { address: address.shown })
  for (const client of [producer, consumer]) client.on('error', onError)
  const end = async () => {
    for (const client of [producer, consumer]) client.disconnect()
  }
  try {
    await Promise.all([connect(producer, place), connect(consumer, place)])
    checkServer(await reachQueue(place, () => producer.info()), place, options.log, address.kind === 'redis')
  } catch (error) {
    await end()
    throw error
  }
  const factory: BackendFactory = (name, opts, roles) =>
    roles?.withBlockingConnection
      ? createRedisBackend(name, { ...opts, connection: consumer }, roles)
      : createRedisBackend(name, { ...opts, connection: producer, skipWaitingForReady: true }, roles)
  // All keys of a cluster's queues must live in one hash slot.
  const prefix = address.kind === 'cluster' ? `{${options.prefix}}` : options.prefix
  return {
    kind: 'redis',
    place,
    prefix,
    factory,
    ping: () => producer.ping(),
    describe: async () => {
      const [seconds, micros] = await producer.time()
      return {
        ...readServerInfo(await producer.info()),
        nowMs: Number(seconds) * 1_000 + Number(micros) / 1_000,
      }
    },
    // All of them lie in one slot of a cluster.
    haveJobs: async (queue, ids) => {
      const asked = producer.pipeline()
      for (const id of ids) asked.exists(queue.toKey(id))
      const answers = (await asked.exec()) ?? []
      return ids.map((_, index) => isOne(answers[index]))
    },
    // Each of BullMQ's scripts is atomic.
    exclusively: (operation) => operation(),
    end,
  }
}

function createClient(
  address: RedisAddress,
  maxRetriesPerRequest: number | null,
  tls: { readonly ca?: string },
): Redis | Cluster {
  const shared = {
    maxRetriesPerRequest,
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    keepAlive: 10_000,
    retryStrategy: (times: number) => Math.min(times * 250, 1_000),
    ...(address.username === null ? {} : { username: address.username }),
    ...(address.password === null ? {} : { password: address.password }),
    ...(address.tls ? { tls } : {}),
  }
  if (address.kind === 'cluster') {
    return new Cluster([...address.hosts], { lazyConnect: true, redisOptions: shared })
  }
  if (address.kind === 'sentinel') {
    const sentinelTls = address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: tls } : {}
    return new Redis({
      ...shared,
      ...sentinelTls,
      sentinels: [...address.hosts],
      name: address.master,
      db: address.db,
    })
  }
  const [{ host, port }] = address.hosts
  return new Redis({ ...shared, host, port, db: address.db })
}

/** The answer to one command of a pipeline; throws its error, or when it is missing. */
function isOne(answer: readonly [Error | null, unknown] | undefined): boolean {
  if (answer === undefined) throw new Error('Connection is closed.')
  const [error, value] = answer
  if (error) throw error
  return value === 1
}

/** The first connection decides: ioredis itself would go on trying without end, and with a cluster in silence. */
async function connect(client: Redis | Cluster, place: QueuePlace): Promise<void> {
  let last: Error | null = null
  const remember = (error: Error) => {
    last = error
  }
  client.on('error', remember)
  const timer = new AbortController()
  const tooLate = sleep(connectTimeoutMs, timer.signal).then(() => {
    throw last ?? unavailable(place, `no answer in ${connectTimeoutMs / 1_000} s`)
  })
  try {
    await reachQueue(place, () => Promise.race([client.connect().then(() => client.ping()), tooLate]))
  } catch (error) {
    throw last === null ? error : toQueueError(last, place)
  } finally {
    timer.abort()
    tooLate.catch(() => {})
    client.off('error', remember)
  }
}
