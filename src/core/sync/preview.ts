import type { ErrorCode } from '../errors.ts'
import type { JobDirection } from '../mapping/definition.ts'
import type { RecordKey } from '../values/key.ts'
import type { FieldConflict, IssueWrite } from './issue.ts'
import type { FieldChange, Outcome } from './outcome.ts'

/** One record of a finding, to look at. */
export interface PreviewSample {
  readonly localKey: RecordKey | null
  readonly remoteKey: RecordKey | null
  readonly message: string | null
  /** Before: what the destination holds. After: what it would hold; of a conflict, what the source holds. */
  readonly changes: readonly FieldChange[]
}

/** What one job of a preview would do to a number of records alike; `field` is null where it is about whole records. */
export interface PreviewFinding {
  readonly jobId: number
  readonly direction: JobDirection
  readonly kind: Outcome['kind']
  readonly code: ErrorCode | null
  readonly field: string | null
  readonly records: number
  /** The first records, at most `SAMPLES`. */
  readonly samples: readonly PreviewSample[]
}

/** Requests to one side, one per call of its connector, and records sent. */
export interface SideCosts {
  readonly reads: number
  readonly writes: number
  readonly records: number
}
export type PreviewCosts = { readonly local: SideCosts; readonly remote: SideCosts }

/** Records kept of each finding: enough to see what it is about, whatever the size of the table. */
export const SAMPLES = 5

/** Codes that say: the record may exist on the other side already. */
const duplicateCodes: ReadonlySet<ErrorCode> = new Set([
  'POSSIBLE_DUPLICATE',
  'NO_UNIQUE_MATCH',
  'ALREADY_COUPLED',
])

export function isPossibleDuplicate({ code }: Pick<PreviewFinding, 'code'>): boolean {
  return code !== null && duplicateCodes.has(code)
}

type Observation = Pick<PreviewFinding, 'kind' | 'code' | 'field'> & { readonly sample: PreviewSample }

/**
 * Groups the outcomes of a page: changed fields one by one, conflicts by field, everything else by code. Findings of
 * several pages are added up by the store.
 */
export function summarise(
  outcomes: readonly Outcome[],
  issues: readonly Pick<IssueWrite, 'key' | 'conflicts'>[],
): readonly PreviewFinding[] {
  // A pair has one conflict, under its local record, whichever job has met it.
  const conflicts = new Map(
    issues.filter((issue) => issue.conflicts.length > 0).map((issue) => [issue.key, issue.conflicts]),
  )
  const findings = new Map<string, { -readonly [name in keyof PreviewFinding]: PreviewFinding[name] }>()
  for (const outcome of outcomes) {
    const met = outcome.kind === 'conflict' ? conflicts.get(outcome.localKey ?? '') : undefined
    for (const seen of observe(outcome, met ?? [])) {
      const { kind, code, field, sample } = seen
      const name = [outcome.jobId, kind, code, field].join('/')
      const { jobId, direction } = outcome
      const sum = findings.get(name) ?? { jobId, direction, kind, code, field, records: 0, samples: [] }
      sum.records += 1
      if (sum.samples.length < SAMPLES) sum.samples = [...sum.samples, sample]
      findings.set(name, sum)
    }
  }
  return [...findings.values()]
}

function observe(outcome: Outcome, conflicts: readonly FieldConflict[]): readonly Observation[] {
  const { kind, code, field, message, localKey, remoteKey, changes } = outcome
  const about = (field: string | null, sampled: readonly FieldChange[]): Observation => ({
    kind,
    code,
    field,
    sample: { localKey, remoteKey, message, changes: sampled },
  })
  if (conflicts.length > 0) {
    const shown = conflicts.map((conflict) => conflictAsChange(conflict, outcome.direction))
    return shown.map((change) => about(change.field, [change]))
  }
  if (kind === 'modified') return changes.map((change) => about(change.field, [change]))
  return [about(field, changes)]
}

function conflictAsChange({ local, remote }: FieldConflict, direction: JobDirection): FieldChange {
  const [source, destination] = direction === 'to' ? [local, remote] : [remote, local]
  return { field: destination.field, before: destination.value, after: source.value }
}
