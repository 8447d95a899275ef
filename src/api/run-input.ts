import { createHash } from 'node:crypto'
import type { Run } from '../core/sync/run.ts'
import { canonicalText } from '../lib/canonical-text.ts'
import { requestCoupling } from '../usecases/coupling/request-coupling.ts'
import { requestUncoupling } from '../usecases/coupling/request-uncoupling.ts'
import type { Deps } from '../usecases/deps.ts'
import type { RunRequest } from '../usecases/flow/plan-run.ts'
import type { RequestOrigin } from '../usecases/flow/request-run.ts'
import { startRun } from '../usecases/flow/start-run.ts'
import { requestRecords } from '../usecases/records/request-records.ts'
import type { NewRunBody } from './contract/run-requests.ts'

/** What is to be done, without who asks and why. */
export type RunWish = Without<NewRunBody, 'pair' | 'reason' | 'priority' | 'deduplicate' | 'callbackUrl'>
/** The kinds that are planned by mappings, not by records. */
type PlannedWish = Exclude<RunWish, { kind: 'records' | 'uncouple' }>

/** Equal for requests that ask for the same: defaults count as if they had been written. */
export function hashRequest(pairId: number, { pair: _, priority, deduplicate, ...body }: NewRunBody): string {
  // What was asked for before there were these fields is still the same request.
  const wished = {
    ...(priority === 'normal' ? {} : { priority }),
    ...(deduplicate ? { deduplicate } : {}),
  }
  return createHash('sha256')
    .update(canonicalText({ ...body, ...wished, pairId }))
    .digest('hex')
}

/** Starts a run of any kind; the same for HTTP and for the command line. */
export async function startWish(
  wish: RunWish,
  origin: Omit<RequestOrigin, 'mapping' | 'dryRun'>,
  deps: Deps,
): Promise<{ run: Run; created: boolean }> {
  if (wish.kind === 'records') return requestRecords({ ...origin, ...wish }, deps)
  if (wish.kind === 'uncouple') return requestUncoupling({ ...origin, ...wish }, deps)
  if (wish.kind === 'couple' && wish.records !== undefined) {
    const { mapping, dryRun, records } = wish
    return requestCoupling({ ...origin, mapping, dryRun, ...records }, deps)
  }
  return startRun({ ...origin, ...planOf(wish), scheduleId: null, slot: null }, deps)
}

function planOf(
  wish: PlannedWish,
): Pick<RunRequest, 'kind' | 'mapping' | 'keepCreating' | 'choices' | 'overrides'> {
  const { kind, dryRun } = wish
  const mapping = 'mapping' in wish ? (wish.mapping ?? null) : null
  if (kind !== 'full') return { kind, mapping, keepCreating: 'no', overrides: { dryRun } }
  const { keepCreating, lines, initialDirection, includeSkipped } = wish
  const overrides = { dryRun, initialDirection, includeSkipped }
  return { kind, mapping, keepCreating, choices: lines, overrides }
}

export type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never
