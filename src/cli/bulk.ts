import { showOperation } from '../api/operation-view.ts'
import type { BulkOperation } from '../core/bulk/operation.ts'
import type { NewBulkOperation } from '../core/ports/bulk-store.ts'
import { type OperationCount, startOperation } from '../usecases/bulk/start-operation.ts'
import { workOperation } from '../usecases/bulk/work-operation.ts'
import type { ResolveReport } from '../usecases/conflicts/resolve-conflict.ts'
import type { Deps } from '../usecases/deps.ts'
import { exitCodes } from './exit-codes.ts'
import { formatCount } from './format.ts'
import { formatState, print, printJson, printTable, say } from './output.ts'
import { progressMode } from './progress-mode.ts'
import { whoAsks } from './session.ts'

/** How often the progress is shown. */
const SHOWN_MS = 500

type Request = Pick<NewBulkOperation, 'task' | 'selection' | 'expected' | 'reason'>

/** Stores an operation; its records are fixed from here on. */
export async function startBulk(request: Request, deps: Deps): Promise<BulkOperation> {
  const asked = { ...request, requestedBy: whoAsks(), idempotencyKey: null, payloadHash: null }
  return (await startOperation(asked, deps)).operation
}

/** What a process does that nothing but its death stops. */
const unstoppable = new AbortController().signal

/** Starts an operation and works it off. */
export async function runBulk(
  request: Request,
  deps: Deps,
  json: boolean,
  signal: AbortSignal = unstoppable,
): Promise<BulkOperation> {
  return workBulk(await startBulk(request, deps), deps, json, signal)
}

/**
 * Works an operation off here, together with any worker there is: no running service is needed. Stopped in the middle, it goes on
 * where a service runs.
 */
export async function workBulk(
  { id }: BulkOperation,
  deps: Deps,
  json: boolean,
  signal: AbortSignal = unstoppable,
): Promise<BulkOperation> {
  const isLive = progressMode({ json, stream: process.stderr }) === 'live'
  const { createLogUpdate } = await import('log-update')
  const draw = createLogUpdate(process.stderr)
  for (;;) {
    const until = deps.clock.monotonicMs() + SHOWN_MS
    const isOver = await workOperation(id, signal, deps, () => deps.clock.monotonicMs() < until)
    const now = await deps.stores.bulk.get(id)
    if (isLive) draw(progressText(now))
    if (!isOver && !signal.aborted) continue
    draw.clear()
    return now
  }
}

export function progressText({ id, counts: { selected, done, refused, failed } }: BulkOperation): string {
  const share = Math.floor(((done + refused + failed) * 100) / Math.max(selected, 1))
  return `operation ${id}: ${formatCount(done)} of ${formatCount(selected)} done, ${formatCount(refused)} refused (${share} %)`
}

/** How an operation has ended that has not finished, and why. */
export function howItEnded({ id, state, error, cancelledBy }: BulkOperation): string {
  if (state === 'cancelled') return `Operation ${id} was cancelled by ${cancelledBy}`
  return `Operation ${id}: ${formatState(state)}${error === null ? '' : ` (${error.code}: ${error.message})`}`
}

/** What is said of a conflict that was not decided. */
export const leftAlone = 'Left as it is: a job has looked at the record meanwhile.'

/** What has become of it, and its exit code. `first`: of a conflict that was decided beside it. */
export function tellBulk(
  operation: BulkOperation,
  what: string,
  json: boolean | undefined,
  first: ResolveReport | null = null,
): number {
  const { id, counts, runIds } = operation
  if (json) printJson({ operation: showOperation(operation), ...(first !== null && { first }) })
  else {
    print(`${formatCount(counts.done + (first?.decided ?? 0))} ${what}.`)
    if (operation.state !== 'finished') print(`${howItEnded(operation)}.`)
    if (first !== null && first.decided === 0) print(leftAlone)
    const left = counts.selected - counts.done
    if (left > 0) print(`${formatCount(left)} left as they are: \`couplet operations show ${id} --records\`.`)
    for (const runId of runIds)
      say(`  Run ${runId} carries it out where a service runs (\`couplet start\`): \`couplet run ${runId}\`.`)
  }
  return first?.decided === 0 ? exitCodes.recordFailures : exitCodeOfBulk(operation)
}

export function exitCodeOfBulk({ state, counts: { selected, done } }: BulkOperation): number {
  if (state === 'failed') return exitCodes.failed
  return done === selected ? exitCodes.good : exitCodes.recordFailures
}

const counting = {
  columns: [
    { title: 'mapping' },
    { title: 'state' },
    { title: 'code' },
    { title: 'records', align: 'right' as const },
    { title: 'would be refused' },
  ],
  row: ({ mapping, kind, code, records, refusal }: OperationCount['groups'][number]) => [
    mapping,
    kind === null ? 'coupled' : formatState(kind),
    code ?? '',
    formatCount(records),
    refusal ?? '',
  ],
  empty: 'There is nothing of that kind.',
}

export function printCount({ groups, selected, refused }: OperationCount): void {
  printTable(groups, counting)
  if (groups.length !== 1) say(`${formatCount(selected)} in all, ${formatCount(refused)} would be refused.`)
}
