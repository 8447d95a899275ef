import { createLogUpdate } from 'log-update'
import { showOperation } from '../api/operation-view.ts'
import type { BulkOperation } from '../core/bulk/operation.ts'
import type { NewBulkOperation } from '../core/ports/bulk-store.ts'
import { type OperationCount, startOperation } from '../usecases/bulk/start-operation.ts'
import { workOperation } from '../usecases/bulk/work-operation.ts'
import type { Deps } from '../usecases/deps.ts'
import { exitCodes } from './exit-codes.ts'
import { formatCount } from './format.ts'
import { formatState, print, printJson, printTable, say } from './output.ts'
import { progressMode } from './progress.ts'
import { whoAsks } from './session.ts'

/** How often the progress is shown. */
const SHOWN_MS = 500

type Request = Pick<NewBulkOperation, 'task' | 'selection' | 'expected' | 'reason'>

/**
 * Stores an operation and works it off here, together with any worker there is: no running service is needed. Stopped in the middle,
 * it goes on where a service runs.
 */
export async function runBulk(request: Request, deps: Deps, json: boolean): Promise<BulkOperation> {
  const asked = { ...request, requestedBy: whoAsks(), idempotencyKey: null, payloadHash: null }
  const { operation } = await startOperation(asked, deps)
  const isLive = progressMode({ json, stream: process.stderr }) === 'live'
  const draw = createLogUpdate(process.stderr)
  const never = new AbortController().signal
  for (;;) {
    const until = deps.clock.monotonicMs() + SHOWN_MS
    const isOver = await workOperation(operation.id, never, deps, () => deps.clock.monotonicMs() < until)
    const now = await deps.stores.bulk.get(operation.id)
    if (isLive) draw(progressText(now))
    if (!isOver) continue
    draw.clear()
    return now
  }
}

export function progressText({ id, counts: { selected, done, refused, failed } }: BulkOperation): string {
  const share = Math.floor(((done + refused + failed) * 100) / Math.max(selected, 1))
  return `operation ${id}: ${formatCount(done)} of ${formatCount(selected)} done, ${formatCount(refused)} refused (${share} %)`
}

/** What has become of it, and its exit code. */
export function tellBulk(operation: BulkOperation, what: string, json: boolean | undefined): number {
  const { id, counts, runIds } = operation
  if (json) printJson({ operation: showOperation(operation) })
  else {
    print(`${formatCount(counts.done)} ${what}.`)
    const left = counts.selected - counts.done
    if (left > 0) print(`${formatCount(left)} left as they are: \`couplet operations show ${id} --records\`.`)
    for (const runId of runIds)
      say(`  Run ${runId} carries it out where a service runs (\`couplet start\`): \`couplet run ${runId}\`.`)
  }
  return exitCodeOfBulk(operation)
}

export function exitCodeOfBulk({ counts: { selected, done } }: BulkOperation): number {
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
