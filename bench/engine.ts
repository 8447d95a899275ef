import { Client } from 'pg'
import { loadConfig } from '../src/app/config.ts'
import { type Context, openContext } from '../src/app/context.ts'
import { createLog } from '../src/app/logger.ts'
import { workerPart } from '../src/app/worker-part.ts'
import { workerQueues } from '../src/app/worker-queues.ts'
import { MappingDefinition } from '../src/core/mapping/definition.ts'
import type { Pair } from '../src/core/ports/mapping-store.ts'
import { addCounters, type Counters, zeroCounters } from '../src/core/sync/outcome.ts'
import { importMappings } from '../src/usecases/setup/import-mappings.ts'
import { setUpPair } from '../src/usecases/setup/set-up-pair.ts'
import { customerMapping } from './customers.ts'
import { runToEnd } from './run-to-end.ts'

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
  const what = { kind, mapping: kind === 'couple' ? 'CUSTOMER' : null }
  const { jobs } = await runToEnd(context, pair.id, what, (runId) => isOver(watcher, runId))
  return jobs.reduce((sum, { counters }) => addCounters(sum, counters), zeroCounters)
}

async function isOver(watcher: Client, runId: number): Promise<boolean> {
  const text = `SELECT FROM couplet.run WHERE id = $1 AND state NOT IN ('queued', 'running')`
  const { rowCount } = await watcher.query({ name: 'is-over', text, values: [runId] })
  return rowCount === 1
}
