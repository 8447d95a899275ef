import type { Coupling } from '../../core/coupling/coupling.ts'
import { destinationSide } from '../../core/mapping/definition.ts'
import type { MetIssue } from '../../core/ports/sync-store.ts'
import type { IssueWrite, Trouble } from '../../core/sync/issue.ts'
import {
  ABSENT,
  type Circumstances,
  isOtherVersion,
  isSetAside,
  judgeTrouble,
  type KnownIssue,
  ledgerBackoff,
} from '../../core/sync/ledger.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { indexBy } from '../../lib/group.ts'
import type { LineSession } from '../line/session.ts'
import type { PageFrame, PageItem, RecordResult } from './page.ts'

/** The open issues of a page's records, by the key that the page reads them by. */
export interface PageLedger {
  readonly own: ReadonlyMap<RecordKey, KnownIssue>
  /** Those of the coupled partners, in the other direction. */
  readonly opposite: ReadonlyMap<RecordKey, KnownIssue>
  /** The coupled records, by the same key: their issues of both directions have been looked for. */
  readonly coupled: ReadonlyMap<RecordKey, Coupling>
}

/** Of a page whose results leave no issue. */
export const noIssues: PageLedger = { own: new Map(), opposite: new Map(), coupled: new Map() }

/** One query, whatever the page size. */
export async function findIssuesOfPage(
  session: LineSession,
  frame: PageFrame,
  items: readonly PageItem[],
  couplings: ReadonlyMap<RecordKey, Coupling>,
): Promise<PageLedger> {
  if (items.length === 0) return noIssues
  const { direction } = frame
  const side = destinationSide[direction]
  const keyOfPartner = new Map([...couplings].map(([key, coupling]) => [coupling[side].key, key]))
  const [keys, partners] = [items.map(({ key }) => key), [...keyOfPartner.keys()]]
  const found = await session.commits.sync.findIssues(
    session.mapping.id,
    direction === 'to' ? { to: keys, from: partners } : { to: partners, from: keys },
  )
  return {
    own: indexBy(
      found.filter((issue) => issue.direction === direction),
      ({ key }) => key,
    ),
    opposite: indexBy(
      found.filter((issue) => issue.direction !== direction),
      ({ key }) => keyOfPartner.get(key) ?? '',
    ),
    coupled: couplings,
  }
}

function circumstances(
  { mapping, configuration }: LineSession,
  sourceVersion: string | null,
  partnerVersion: string | null,
): Circumstances {
  return { sourceVersion, partnerVersion, mappingVersion: mapping.version, configuration }
}

const versionOf = ({ snapshot }: PageItem): string => snapshot?.version ?? ABSENT

/**
 * True when the record has been set aside, in whichever direction, and nothing has changed since. An issue of its own that
 * is not set aside wins: it may be due, and is due until it is tried. `partnerVersion`: null when not looked at.
 */
export function isLeftOut(
  session: LineSession,
  frame: PageFrame,
  item: PageItem,
  ledger: PageLedger,
  partnerVersion: string | null,
): boolean {
  if (session.run.options.includeSkipped || item.isRequested) return false
  if (session.doubtful[frame.direction].has(item.key)) return false
  const own = ledger.own.get(item.key)
  if (own !== undefined) return isSetAside(own, circumstances(session, versionOf(item), partnerVersion))
  const opposite = ledger.opposite.get(item.key)
  return (
    opposite !== undefined && isSetAside(opposite, circumstances(session, partnerVersion, versionOf(item)))
  )
}

/** A result whose troubles have been entered in the ledger. */
export type EnteredResult = Omit<RecordResult, 'issues'> & {
  readonly issues: readonly Omit<IssueWrite, 'jobId'>[]
}

/**
 * What the failed attempts of a page come to: tried again, and when, or set aside (domain.md §11.4). Of a coupled record that
 * is merely the same, and of which nothing is wrong on either side, there is nothing to close.
 */
export function enterTroubles(
  session: LineSession,
  frame: PageFrame,
  results: readonly RecordResult[],
  ledger: PageLedger,
): readonly EnteredResult[] {
  return results.map((result) => {
    if (result.issues.length === 0)
      return { ...result, issues: [], closes: isAllRight(result, ledger) ? [] : result.closes }
    const issues = result.issues.map((trouble) => enter(session, frame, result.item, trouble, ledger))
    const isNewlySkipped = result.kind === 'failed' && issues.some(({ kind }) => kind === 'skipped')
    if (!isNewlySkipped) return { ...result, issues }
    const outcome = result.outcome && { ...result.outcome, kind: 'skipped' as const }
    return { ...result, kind: 'skipped', outcome, issues }
  })
}

function isAllRight({ item, outcome, coupling }: RecordResult, ledger: PageLedger): boolean {
  const isQuiet = outcome === null && coupling === null && ledger.coupled.has(item.key)
  return isQuiet && !ledger.own.has(item.key) && !ledger.opposite.has(item.key)
}

function enter(
  session: LineSession,
  frame: PageFrame,
  item: PageItem,
  trouble: Trouble,
  ledger: PageLedger,
): Omit<IssueWrite, 'jobId'> {
  const known = (trouble.direction === frame.direction ? ledger.own : ledger.opposite).get(item.key) ?? null
  const now = circumstances(session, trouble.sourceVersion, trouble.partnerVersion)
  const isAsked =
    frame.isFullCompare || item.isForced || item.isRequested || session.run.options.includeSkipped
  const { settings, random } = session.deps
  const policy = { ...ledgerBackoff, skipAfter: settings.skipAfter }
  return { ...trouble, ...now, ...judgeTrouble(trouble, { known, now, isAsked }, policy, random()) }
}

/**
 * Issues that this page has met and not changed: of records left out, which show where they stand; and of partners in the
 * other direction that failed with an older version of the record read here, which are due now.
 */
export function metIssues(
  frame: PageFrame,
  results: readonly RecordResult[],
  ledger: PageLedger,
): readonly MetIssue[] {
  return results.flatMap(({ item, kind, outcome }): MetIssue[] => {
    const jobId = item.jobIds[0] ?? frame.jobId
    const [own, opposite] = [ledger.own.get(item.key), ledger.opposite.get(item.key)]
    const meet = (issue: KnownIssue | undefined, isReleased: boolean): MetIssue[] =>
      issue ? [{ direction: issue.direction, key: issue.key, jobId, isReleased }] : []
    if (kind === 'skipped' && outcome === null)
      return own?.kind === 'skipped' ? meet(own, false) : meet(opposite, false)
    return meet(opposite, opposite !== undefined && hasNewPartner(opposite, item)).filter(
      ({ isReleased }) => isReleased,
    )
  })
}

function hasNewPartner(issue: KnownIssue, item: PageItem): boolean {
  return (
    issue.kind !== 'waiting' &&
    issue.code !== 'PING_PONG' &&
    isOtherVersion(issue.partnerVersion, versionOf(item))
  )
}
