import type { JobDirection } from '../mapping/definition.ts'
import type { IssueKind } from '../sync/issue.ts'
import { displayKey, type RecordKey } from '../values/key.ts'
import { MOST_RECORDS, type ToldEvent } from './event.ts'

/** As much of an issue as others are told. */
export interface IssueTrace {
  readonly direction: JobDirection
  readonly key: RecordKey
  readonly partnerKey: RecordKey | null
  readonly kind: IssueKind
  readonly code: string
  readonly field: string | null
}

/** The mapping that the issues are of. */
export interface IssuePlace {
  readonly pair: string
  readonly mapping: string
}

/**
 * What a page has opened and closed, from the issues of its records before and after: one event of a type at most. A conflict is one
 * of the pair of records, whichever direction it stands under; what becomes a conflict, or is none any more, is closed as the one
 * and opened as the other. An issue that is merely met again is nothing new.
 */
export function issueEvents(
  { pair, mapping }: IssuePlace,
  before: readonly IssueTrace[],
  after: readonly IssueTrace[],
): readonly ToldEvent[] {
  const opened = without(after, before)
  const isConflict = ({ kind }: IssueTrace) => kind === 'conflict'
  const found = {
    'conflict.opened': opened.filter(isConflict),
    'issue.opened': opened.filter((issue) => !isConflict(issue)),
    'issue.closed': without(before, after),
  } as const
  return (Object.keys(found) as (keyof typeof found)[]).flatMap((type) => {
    const issues = found[type]
    const records = issues.slice(0, MOST_RECORDS).map(showTrace)
    const data = { pair, mapping, count: issues.length, records }
    return issues.length === 0 ? [] : [{ type, pair, mappings: [mapping], data }]
  })
}

/** Each only once. */
function without(issues: readonly IssueTrace[], others: readonly IssueTrace[]): readonly IssueTrace[] {
  const seen = new Set(others.map(identityOf))
  return issues.filter((issue) => {
    const identity = identityOf(issue)
    if (seen.has(identity)) return false
    seen.add(identity)
    return true
  })
}

function identityOf({ direction, key, partnerKey, kind }: IssueTrace): string {
  if (kind !== 'conflict') return JSON.stringify([direction, key])
  const pair = direction === 'to' ? [key, partnerKey] : [partnerKey, key]
  return JSON.stringify(['conflict', ...(partnerKey === null ? [direction, key] : pair)])
}

function showTrace({ key, partnerKey, ...issue }: IssueTrace) {
  return { ...issue, key: displayKey(key), partnerKey: partnerKey === null ? null : displayKey(partnerKey) }
}
