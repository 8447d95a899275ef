import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { realLimits } from '../../src/simulators/dataverse/throttle.ts'
import { expectEqual } from '../measure.ts'
import { startServer } from '../server.ts'
import { siblingProcess } from '../sibling.ts'
import { formatUse, leastRequests } from './report.ts'
import type { ScaledOptions } from './scaled-context.ts'
import { runTrial, trialTables } from './trial.ts'
import { useOf } from './use.ts'

const usage = `npm run bench:budget -- [--size N] [--scale N] [--written MS]
  --size    accounts that are created (100,000), and a fifth of them as contacts by a second worker
  --scale   windows and run times are so many times shorter than those of the product (4)
  --written run time of the service for each new record, ms before scaling (75)`

/** With pages of 1,000, which are divided among eight requests. */
const batchSizes = { created: 125, readByKeys: 500, listed: 5_000 }

/** Answers one question: does a full synchronization use what the service grants, and no more? */
async function main(size: number, scale: number, writtenMs: number): Promise<void> {
  const server = await startServer()
  try {
    const counts = { account: size, contact: Math.ceil(size / 5) }
    const { requests, created } = await runTrial({
      databaseUrl: await server.createDatabase(0),
      counts,
      limits: realLimits,
      serviceTime: { requestMs: 20, readMs: 0.5, writtenMs },
      scale,
      workers: 2,
      env: { COUPLET_CONCURRENCY: '1' },
      startWorker,
    })
    for (const table of trialTables) expectEqual(`records in ${table}`, created[table], counts[table])
    const { windowMs, executionMs } = realLimits
    const limits = {
      ...realLimits,
      windowMs: windowMs / scale,
      executionMs: executionMs === null ? null : executionMs / scale,
    }
    console.log(formatUse(useOf(requests, limits), leastRequests(counts, batchSizes)))
  } finally {
    await server.stop()
  }
}

async function startWorker(options: ScaledOptions): Promise<{ stop(): Promise<void> }> {
  const worker = siblingProcess('worker-process', import.meta.url)
  const child = spawn(process.execPath, [...worker, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    async stop() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '100000' },
    scale: { type: 'string', default: '4' },
    written: { type: 'string', default: '75' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(usage)
else await main(Number(values.size), Number(values.scale), Number(values.written))
