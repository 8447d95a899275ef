import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { loadConfig } from '../src/app/config.ts'
import { type Context, openContext } from '../src/app/context.ts'
import { createLog } from '../src/app/logger.ts'
import { workerPart, workerQueues } from '../src/app/worker-part.ts'
import { MappingDefinition } from '../src/core/mapping/definition.ts'
import type { Pair } from '../src/core/ports/mapping-store.ts'
import { addCounters, type Counters, zeroCounters } from '../src/core/sync/outcome.ts'
import { startRun } from '../src/usecases/flow/start-run.ts'
import { importMappings } from '../src/usecases/setup/import-mappings.ts'
import { setUpPair } from '../src/usecases/setup/set-up-pair.ts'
import { customerMapping } from './customers.ts'

type RunKind = 'full' | 'modified' | 'couple'

/** Couplet as it is shipped, in this process: store, queue in Postgres, workers. */
export interface Engine {
  readonly context: Context
  readonly pair: Pair
  /** From the request to the end of the run, queue and all: the counters of its jobs. Throws when it did not succeed. */
  run(kind: RunKind): Promise<Counters>
  /** Another version of the customer mapping. */
  changeMapping(definition: MappingDefinition): Promise<void>
  close(): Promise<void>
}

/** Opens Couplet on a database that holds its store and the tables of both systems, with the customer mapping. */
export async function openEngine(url: string, pageSize: number): Promise<Engine> {
  process.env['BENCH_SYSTEMS_URL'] = url
  const config = loadConfig({
    DATABASE_URL: url,
    COUPLET_PAGE_SIZE: String(pageSize),
    COUPLET_LOG_LEVEL: 'error',
  })
  const context = await openContext(config, createLog(config))
  const side = { kind: 'postgres', url: 'env:BENCH_SYSTEMS_URL', company: '' }
  const pair = await setUpPair(
    { name: 'bench', local: { ...side, schema: 'nav' }, remote: { ...side, schema: 'crm' } },
    context.deps,
  )
  await changeMapping(context, pair, MappingDefinition.parse(customerMapping))
  const worker = workerPart(context, { queues: workerQueues, schedules: false })
  await worker.start?.(new AbortController().signal)
  const watcher = new Client({ connectionString: url })
  await watcher.connect()
  return {
    context,
    pair,
    run: (kind) => runOnce(context, pair, watcher, kind),
    changeMapping: (definition) => changeMapping(context, pair, definition),
    async close() {
      await worker.drain?.()
      await worker.stop?.()
      await Promise.all([context.close(), watcher.end()])
    },
  }
}

async function changeMapping(context: Context, pair: Pair, definition: MappingDefinition): Promise<void> {
  const by = { changedBy: 'bench', reason: 'bench' }
  const report = await importMappings(pair, [definition], by, context.deps)
  if (report.imported.length === 0) throw new Error(report.problems.map(({ message }) => message).join('\n'))
}

async function runOnce(context: Context, pair: Pair, watcher: Client, kind: RunKind): Promise<Counters> {
  const request = {
    pairId: pair.id,
    kind,
    mapping: kind === 'couple' ? 'CUSTOMER' : null,
    keepCreating: 'no',
    requestedBy: 'bench',
    reason: 'bench',
    idempotencyKey: null,
    payloadHash: null,
    scheduleId: null,
    slot: null,
  } as const
  const started = await startRun(request, context.deps)
  const begun = performance.now()
  while (!(await isOver(watcher, started.run.id))) {
    // A hundredth of the time that has passed: short runs are timed exactly, long ones are not disturbed.
    await delay(Math.min(100, 5 + (performance.now() - begun) / 100))
  }
  const { run, jobs } = await context.deps.stores.runs.getRun(started.run.id)
  if (run.state !== 'succeeded') throw new Error(`The run ended as ${run.state}: ${JSON.stringify(jobs)}`)
  return jobs.reduce((sum, { counters }) => addCounters(sum, counters), zeroCounters)
}

async function isOver(watcher: Client, runId: number): Promise<boolean> {
  const text = `SELECT FROM couplet.run WHERE id = $1 AND state NOT IN ('queued', 'running')`
  const { rowCount } = await watcher.query({ name: 'is-over', text, values: [runId] })
  return rowCount === 1
}
