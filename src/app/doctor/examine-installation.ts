import type { Finding } from '../../core/doctor/finding.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/runtime.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { type Closers, closeAll, openConnections, openQueuePart, openStorePart } from '../context.ts'
import { createProcessMetrics } from '../metrics/process-metrics.ts'
import { examine, examineWithoutStore } from './examine.ts'

/** Opens what can be opened, migrates nothing, and examines it: a part that cannot be opened is a finding like others. */
export async function examineInstallation(given: Config, log: Log): Promise<readonly Finding[]> {
  const config: Config = { ...given, migrate: 'off' }
  const closers: Closers = []
  try {
    const opened = await openStorePart(config, log, closers).catch(toSyncError)
    const databaseUrl = opened instanceof SyncError ? config.databaseUrl : opened.databaseUrl
    // Without a server of one's own for it, the queue is where the store is.
    const backend =
      opened instanceof SyncError && databaseUrl === null && config.queueUrl === null
        ? opened
        : await openQueuePart(config, log, closers, databaseUrl ?? '', false).catch(toSyncError)
    if (opened instanceof SyncError) return await examineWithoutStore(opened, backend)
    const { store, embedded } = opened
    const connections = openConnections(config, closers, { store, embedded, metrics: createProcessMetrics() })
    const deps = {
      stores: store.store,
      clock: systemClock,
      connect: (connection: Parameters<typeof connections.connect>[0]) => connections.connect(connection),
    }
    return await examine({ config, log, embedded, care: store.care, deps, backend })
  } finally {
    await closeAll(closers, log)
  }
}
