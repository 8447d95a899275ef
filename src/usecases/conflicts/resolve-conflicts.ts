import { randomUUID } from 'node:crypto'
import { SyncError } from '../../core/errors.ts'
import type { ConflictDecision } from '../../core/ports/operations-store.ts'
import { type Chosen, type ConflictWish, chooseValues } from '../../core/sync/choose-values.ts'
import { deletionCodes } from '../../core/sync/deletion.ts'
import type { Issue } from '../../core/sync/issue.ts'
import type { Deps } from '../deps.ts'
import { createValueParsers, type ParseValue } from './parse-value.ts'

/** Conflicts stored in one transaction, with one entry in the audit log. */
const BATCH = 500

type Which =
  /** `alike`: and every other conflict of the same mapping, code and fields. */
  | { readonly issueId: number; readonly alike: boolean }
  /** All conflicts of one mapping of the pair, or of the whole pair. */
  | { readonly pairId: number; readonly mapping: string | null }

export interface ResolveRequest {
  readonly which: Which
  readonly wish: ConflictWish
  readonly decidedBy: string
}

export interface ResolveReport {
  readonly decided: number
  /** Conflicts with fields about which nothing was said. */
  readonly unanswered: number
  /** Conflicts that a job has met again, or solved, while they were being decided: they are shown anew. */
  readonly metAgain: number
}

type ResolveDeps = Pick<Deps, 'stores' | 'connect'>

/**
 * Stores what somebody has decided about conflicts, which makes them due. The next page that looks at such a record carries
 * it out, conditional on the values it was made for. Throws ISSUE_UNKNOWN and RESOLUTION_INVALID.
 */
export async function resolveConflicts(request: ResolveRequest, deps: ResolveDeps): Promise<ResolveReport> {
  const { which } = request
  const parse = createValueParsers(deps)
  if (!('issueId' in which)) return resolveAll(request, { ...which, isMeant: () => true }, parse, deps)
  const issue = await deps.stores.operations.findIssue(which.issueId)
  if (issue === null)
    throw new SyncError('ISSUE_UNKNOWN', `There is no open issue with the number ${which.issueId}`)
  if (issue.kind !== 'conflict' || issue.code !== 'CONFLICT_BOTH_CHANGED') throw notAConflict(issue)
  const first = await decide(request, [issue], parse, deps)
  if (first.unanswered > 0) throw unanswered(issue, request.wish)
  if (!which.alike) return first
  const isMeant = (other: Issue) => other.id !== issue.id && isAlike(issue, other)
  const scope = { pairId: issue.pairId, mapping: issue.mappingName, isMeant }
  return add(first, await resolveAll(request, scope, parse, deps))
}

function isAlike(one: Issue, other: Issue): boolean {
  return one.code === other.code && fieldsOf(one) === fieldsOf(other)
}

function fieldsOf({ conflicts }: Issue): string {
  return JSON.stringify(conflicts.map(({ local, remote }) => [local.field, remote.field]).sort())
}

interface Scope {
  readonly pairId: number
  readonly mapping: string | null
  readonly isMeant: (issue: Issue) => boolean
}

async function resolveAll(
  request: ResolveRequest,
  { pairId, mapping, isMeant }: Scope,
  parse: ParseValue,
  deps: ResolveDeps,
): Promise<ResolveReport> {
  let report: ResolveReport = { decided: 0, unanswered: 0, metAgain: 0 }
  let before: number | null = null
  for (;;) {
    const query = {
      pairId,
      mapping,
      kind: 'conflict',
      code: 'CONFLICT_BOTH_CHANGED',
      limit: BATCH,
      before,
    } as const
    const page: readonly Issue[] = await deps.stores.operations.listIssues(query)
    report = add(report, await decide(request, page.filter(isMeant), parse, deps))
    if (page.length < BATCH) return report
    before = page[page.length - 1]?.id ?? null
  }
}

async function decide(
  { wish, decidedBy }: ResolveRequest,
  issues: readonly Issue[],
  parse: ParseValue,
  deps: ResolveDeps,
): Promise<ResolveReport> {
  const decisions: ConflictDecision[] = []
  for (const issue of issues) {
    const chosen = await choose(issue, wish, parse)
    if (chosen.kind === 'invalid') throw invalid(issue, chosen)
    if (chosen.kind === 'unanswered') continue
    const resolution = { kind: 'conflict', id: randomUUID(), decidedBy, choices: chosen.choices } as const
    decisions.push({ issueId: issue.id, attempts: issue.attempts, resolution })
  }
  const stored = await deps.stores.operations.resolveConflicts(decisions, {
    actor: decidedBy,
    detail: { all: wish.all, byField: Object.fromEntries(wish.byField) },
  })
  return {
    decided: stored.length,
    unanswered: issues.length - decisions.length,
    metAgain: decisions.length - stored.length,
  }
}

async function choose(issue: Issue, wish: ConflictWish, parse: ParseValue): Promise<Chosen> {
  const isTyped = [wish.all, ...wish.byField.values()].some((each) => each?.take === 'value')
  const parser = isTyped ? await parse(issue) : null
  return chooseValues(issue.conflicts, wish, (conflict, text) => {
    if (parser === null) throw new RangeError('Nothing was typed')
    return parser(conflict, text)
  })
}

function add(a: ResolveReport, b: ResolveReport): ResolveReport {
  return {
    decided: a.decided + b.decided,
    unanswered: a.unanswered + b.unanswered,
    metAgain: a.metAgain + b.metAgain,
  }
}

function notAConflict({ id, code }: Issue): SyncError {
  const isDeletion = deletionCodes.some((each) => each === code)
  const instead = isDeletion ? ': say what is to be done with --deletion' : ''
  return new SyncError(
    'RESOLUTION_INVALID',
    `Issue ${id} (${code}) is not a conflict between fields${instead}`,
  )
}

function unanswered({ id, conflicts }: Issue, { byField }: ConflictWish): SyncError {
  const open = conflicts.map(({ local }) => local.field).filter((field) => !byField.has(field))
  const message = `Conflict ${id}: nothing is said about ${open.join(', ')}; a record is decided as a whole`
  return new SyncError('RESOLUTION_INVALID', message)
}

function invalid({ id }: Issue, { field, message }: Extract<Chosen, { kind: 'invalid' }>): SyncError {
  return new SyncError('RESOLUTION_INVALID', `Conflict ${id}, field ${field}: ${message}`)
}
