import { sleep } from '../lib/sleep.ts'
import { sweep } from '../usecases/flow/sweep.ts'
import type { Context } from './context.ts'
import type { Part } from './life-cycle.ts'

/** Keeps queue and store in step, and restores recurring jobs. */
export function sweeperPart(context: Context): Part {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  return {
    name: 'sweeper',
    async start() {
      await sweepOnce(context)
      loop = sweepUntil(context, stopping.signal)
    },
    async drain() {
      stopping.abort()
      await loop
    },
  }
}

async function sweepUntil(context: Context, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(context.config.sweepSeconds * 1_000, signal)
    if (!signal.aborted) await sweepOnce(context)
  }
}

async function sweepOnce(context: Context): Promise<void> {
  await guarded(context, async () => {
    const report = await sweep(context.deps)
    if (Object.values(report).some((count) => count > 0)) context.log.info(report, 'Swept')
  })
}

/** The sweeper outlives every outage: the next round tries again. */
async function guarded(context: Context, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    context.log.error({ err: error }, 'The sweeper could not finish a round; the next one tries again')
  }
}
