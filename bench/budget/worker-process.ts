import { workerPart } from '../../src/app/worker-part.ts'
import { workerQueues } from '../../src/app/worker-queues.ts'
import { openScaledContext, type ScaledOptions } from './scaled-context.ts'

/** Process of its own: `worker-process.ts OPTIONS` works until its input ends, on one table at a time. */
const options = JSON.parse(process.argv[2] ?? '') as ScaledOptions
const context = await openScaledContext(options)
const worker = workerPart(context, { queues: workerQueues, schedules: false })
await worker.start?.(new AbortController().signal)
process.stdout.write('works\n')
process.stdin.resume().on('end', async () => {
  await worker.drain?.()
  await worker.stop?.()
  await context.close()
  process.exit()
})
