import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { realLimits } from '../../src/simulators/dataverse/throttle.ts'
import { startServer } from '../server.ts'
import type { ScaledOptions } from './scaled-context.ts'
import { runTrial } from './trial.ts'
import { useOf } from './use.ts'

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '100000' },
    scale: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    written: { type: 'string', default: '40' },
  },
})
const [size, scale, workers, writtenMs] = [values.size, values.scale, values.workers, values.written].map(
  Number,
) as [number, number, number, number]

async function startWorker(options: ScaledOptions) {
  const file = fileURLToPath(new URL('./worker-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TRIAL_SECRET: options.secret },
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

const server = await startServer()
try {
  const databaseUrl = await server.createDatabase(0)
  const { requests, created } = await runTrial({
    databaseUrl,
    counts: { account: size, contact: workers > 1 ? size / 5 : 0 },
    limits: realLimits,
    serviceTime: { requestMs: 20, readMs: 0.5, writtenMs },
    scale,
    workers,
    env: { COUPLET_CONCURRENCY: '1' },
    settings: {},
    startWorker,
  })
  const use = useOf(requests, {
    ...realLimits,
    windowMs: realLimits.windowMs / scale,
    executionMs: (realLimits.executionMs ?? 0) / scale,
  })
  if (process.env['DUMP'])
    (await import('node:fs')).writeFileSync(process.env['DUMP'], JSON.stringify(requests))
  console.log(created, use)
} finally {
  await server.stop()
}
