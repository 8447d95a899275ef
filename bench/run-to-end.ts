import type { Context } from '../src/app/context.ts'
import type { RunDetails } from '../src/core/ports/run-store.ts'
import { type RunKind, runIsDone } from '../src/core/sync/run.ts'
import { sleep } from '../src/lib/sleep.ts'
import { startRun } from '../src/usecases/flow/start-run.ts'

/** Whether a run is over: asked again and again. */
type IsOver = (runId: number) => Promise<boolean>

/** Starts a run, of one mapping or of all, and gives it when it is over. Throws when it did not succeed. */
export async function runToEnd(
  { deps }: Pick<Context, 'deps'>,
  pairId: number,
  what: { readonly kind: Exclude<RunKind, 'records'>; readonly mapping: string | null },
  isOver?: IsOver,
): Promise<RunDetails> {
  const by = { requestedBy: 'bench', reason: 'bench', idempotencyKey: null, payloadHash: null }
  const request = { ...what, ...by, pairId, keepCreating: 'no', scheduleId: null, slot: null } as const
  const { run } = await startRun(request, deps)
  const ask = isOver ?? (async (id) => runIsDone((await deps.stores.runs.getRun(id)).run.state))
  const begun = performance.now()
  while (!(await ask(run.id))) {
    // A hundredth of the time that has passed: short runs are timed exactly, long ones are not disturbed.
    await sleep(Math.min(100, 5 + (performance.now() - begun) / 100), new AbortController().signal)
  }
  const details = await deps.stores.runs.getRun(run.id)
  if (details.run.state === 'succeeded') return details
  throw new Error(`The run ended as ${details.run.state}: ${JSON.stringify(details.jobs)}`)
}
