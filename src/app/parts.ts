import { sleep } from '../lib/sleep.ts'
import { sweep } from '../usecases/flow/sweep.ts'
import type { Context } from './context.ts'
import type { Part } from './life-cycle.ts'

interface SweeperOptions {
  /** Also brings recurring jobs into step, and settles their slots. */
  readonly schedules: boolean
}

/** Keeps queue and store in step. */
export function sweeperPart(context: Context, options: SweeperOptions): Part {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  return {
    name: 'sweeper',
    async start() {
      loop = sweepUntil(context, options, stopping.signal)
    },
    async drain() {
      stopping.abort()
      await loop
    },
  }
}

async function sweepUntil(context: Context, options: SweeperOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sweepOnce(context, options, signal)
    await sleep(context.config.sweepSeconds * 1_000, signal)
  }
}

async function sweepOnce(context: Context, options: SweeperOptions, signal: AbortSignal): Promise<void> {
  await guarded(context, async () => {
    const report = await context.holdFor(() => sweep(context.deps, signal, options))
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
