import type { CouplingWrite } from '../../core/coupling/coupling.ts'
import { type Dependents, nameDependents } from '../../core/coupling/dependents.ts'
import type { Problem } from '../../core/errors.ts'
import type { JobDirection } from '../../core/mapping/definition.ts'
import type { Outcome } from '../../core/sync/outcome.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { PageItem, RecordResult } from '../page/page.ts'
import { troubledResult } from '../page/results.ts'

/** A record that a person or a coupling job has named. */
export function namedItem(key: RecordKey, jobIds: readonly number[]): PageItem {
  return {
    key,
    snapshot: null,
    jobIds,
    isRequested: true,
    isForced: false,
    mayCreate: false,
    resolution: null,
    isReleased: true,
    sourceWins: false,
  }
}

interface Pair {
  readonly local: { readonly key: RecordKey }
  readonly remote: { readonly key: RecordKey }
}

/** The pair is coupled now: whatever kept one of the two from being brought across is to be seen in a new light. */
export function coupledResult(
  item: PageItem,
  direction: JobDirection,
  coupling: CouplingWrite,
): RecordResult {
  return { ...pairResult(item, direction, 'coupled', coupling), coupling }
}

/** The pair is coupled no longer, so nothing is wrong with it any more; who still refers to it is named. */
export function uncoupledResult(
  item: PageItem,
  direction: JobDirection,
  pair: Pair,
  dependents: readonly Dependents[],
): RecordResult {
  const result = pairResult(item, direction, 'uncoupled', pair)
  if (dependents.length === 0 || result.outcome === null) return result
  const message = `Still referred to by ${nameDependents(dependents)}`
  return { ...result, outcome: { ...result.outcome, code: 'STILL_REFERRED_TO', message } }
}

function pairResult(
  item: PageItem,
  direction: JobDirection,
  kind: 'coupled' | 'uncoupled',
  { local, remote }: Pair,
): RecordResult {
  const outcome: Omit<Outcome, 'jobId'> = {
    direction,
    kind,
    localKey: local.key,
    remoteKey: remote.key,
    code: null,
    errorKind: null,
    field: null,
    value: null,
    message: null,
    changes: [],
    warnings: [],
    localVersion: null,
    remoteVersion: null,
    recovered: false,
  }
  return {
    item,
    kind,
    coupling: null,
    outcome,
    issues: [],
    closes: [
      { direction: 'to', key: local.key },
      { direction: 'from', key: remote.key },
    ],
    isReread: false,
  }
}

/** An answer to who asked; it says nothing about the record itself, so it leaves no issue. */
export function refusedResult(
  item: PageItem,
  direction: JobDirection,
  problem: Problem,
  partnerKey: RecordKey | null,
): RecordResult {
  return troubledResult({
    item,
    direction,
    kind: 'failed',
    problem,
    source: null,
    partnerKey,
    awaits: null,
    conflicts: [],
    retryInMs: null,
    mayCreate: false,
    leavesIssue: false,
  })
}
