import type { CoupledRecords, EndQuestion, StoredOutcome } from '../core/ports/operations-store.ts'
import type { Issue } from '../core/sync/issue.ts'
import { addCounters, zeroCounters } from '../core/sync/outcome.ts'
import type { Job, Line, Run } from '../core/sync/run.ts'
import { displayKey, type RecordKey } from '../core/values/key.ts'

/** What the API says about the things of the core: names are stable, keys are written as people write them. */

export function showRun({ generation: _, ...run }: Run) {
  return { ...run, preview: run.options.dryRun }
}

export function showLine({ generation: _, pairId: _pair, ...line }: Line) {
  return line
}

/** The checkpoint itself means something to the connector only. */
export function showJob({ checkpoint, ...job }: Job) {
  return { ...job, pages: checkpoint?.pages ?? 0 }
}

export function sumCounters(jobs: readonly Job[]) {
  return jobs.reduce((sum, job) => addCounters(sum, job.counters), zeroCounters)
}

export function showQuestion({ state, answer, mappings, results, expiresAt }: EndQuestion) {
  return { state, answer, mappings: mappings.map(({ name }) => name), results, expiresAt }
}

export function showOutcome(outcome: StoredOutcome) {
  return {
    ...outcome,
    localKey: showKey(outcome.localKey),
    remoteKey: showKey(outcome.remoteKey),
  }
}

/** The fingerprint of the configuration means something to the ledger only. */
export function showIssue({ configuration: _, pairId: _pair, ...issue }: Issue) {
  return { ...issue, key: displayKey(issue.key), partnerKey: showKey(issue.partnerKey) }
}

/** As people write it. */
export function showKey(key: RecordKey | null): string | null {
  return key === null ? null : displayKey(key)
}

export function showCoupling({ local, remote, ...coupling }: CoupledRecords, mapping: string) {
  return { ...coupling, mapping, local: showSide(local), remote: showSide(remote) }
}

function showSide({ key, reference, modifiedAt }: CoupledRecords['local']) {
  return { key: displayKey(key), reference: displayKey(reference), modifiedAt }
}
