import type { Coupling } from '../../core/coupling/coupling.ts'
import { sourceSide } from '../../core/mapping/definition.ts'
import { indexBy } from '../../lib/group.ts'
import { chargeThinking } from '../line/job-costs.ts'
import { type LineSession, step } from '../line/session.ts'
import { adoptMatched } from './adopt.ts'
import { commitResults } from './commit.ts'
import { completeCreation } from './complete-creation.ts'
import { type Decision, decide, partnersOf, type WritePlan } from './decide.ts'
import { gatherFacts } from './gather.ts'
import { enterTroubles, findIssuesOfPage, isLeftOut, metIssues, type PageLedger } from './ledger.ts'
import type { GoneRecord, JudgedRecord, OpenRecord, PageFrame, PageItem, RecordResult } from './page.ts'
import { quietResult, versionsOf } from './results.ts'
import { settleDeletions } from './settle-deletions.ts'
import { sortOut } from './sort-out.ts'
import { writePlans } from './write.ts'

/**
 * Brings one page of records across: look up, sort out, gather, decide, write, commit (architecture.md §4). Each step is
 * a constant number of statements and requests. Throws LEASE_LOST without having committed; what was written outside by
 * then is in the page intent.
 */
export async function processPage(
  session: LineSession,
  frame: PageFrame,
  items: readonly PageItem[],
): Promise<readonly RecordResult[]> {
  return session.costs.chargeTo(frame.jobId, () => bringAcross(session, frame, items))
}

async function bringAcross(
  session: LineSession,
  frame: PageFrame,
  items: readonly PageItem[],
): Promise<readonly RecordResult[]> {
  const couplings = await lookUp(session, frame, items)
  const ledger = await findIssuesOfPage(session, frame, items, couplings)
  await step(session, 'sort', frame.number)
  const owed = withOwedCreations(items, ledger)
  const out = new Set(owed.filter((item) => isOutEarly(session, frame, item, ledger)))
  const open = owed.filter((item) => !out.has(item))
  const sorted = chargeThinking(() => sortOut(session, frame, open, couplings))
  await answerFunctions(session, frame, sorted.open)
  const gathered = await gatherFacts(session, frame, sorted.open)
  await step(session, 'decide', frame.number)
  const decisions = chargeThinking(() =>
    gathered.judged.map((record) => judge(session, frame, record, ledger)),
  )
  const plans = decisions.flatMap((decision): WritePlan[] => ('write' in decision ? [decision.write] : []))
  const written = await writePlans(session, frame, plans)
  const gone = [
    ...sorted.gone,
    ...decisions.flatMap((decision) => ('gone' in decision ? [decision.gone] : [])),
    ...written.gone,
  ]
  const deletions = await settleDeletions(session, frame, gone, ledger)
  const results = [
    ...[...out].map((item) => quietResult(item, 'skipped', frame.direction)),
    ...sorted.settled,
    ...gathered.settled,
    ...decisions.flatMap((decision) => ('result' in decision ? [decision.result] : [])),
    ...written.results,
    ...deletions.results,
  ]
  const entered = enterTroubles(session, frame, results, ledger)
  const met = metIssues(frame, results, ledger)
  await commitResults(session, frame, entered, met, couplings, {
    seenCouplings: frame.notesSeen ? seenOf(sorted.open, gathered, written.gone) : [],
    foundDeletions: deletions.found,
    intentIds: [...written.intentIds, ...deletions.intentIds],
  })
  return results
}

/** Couplings of which both records were there; one whose partner went while it was being written is not among them. */
function seenOf(
  open: readonly OpenRecord[],
  { judged }: Pick<Awaited<ReturnType<typeof gatherFacts>>, 'judged'>,
  lost: readonly GoneRecord[],
): readonly number[] {
  const gone = new Set(lost.map(({ coupling }) => coupling.id))
  for (const { facts } of judged) if (facts.coupling && facts.partner === null) gone.add(facts.coupling.id)
  return open.flatMap(({ coupling }) => (coupling && !gone.has(coupling.id) ? [coupling.id] : []))
}

/** For the whole page at once: one by one, each call of a user's function would stop this process for as long as it takes. */
async function answerFunctions(
  { mapping, deps }: LineSession,
  { direction }: PageFrame,
  records: readonly OpenRecord[],
): Promise<void> {
  if (Object.keys(mapping.functions).length === 0) return
  const transfers = mapping.transfers[direction].filter(({ chain }) => chain !== null)
  await deps.answerAhead(() => {
    for (const { source } of records)
      for (const { chain, source: field } of transfers)
        chain?.(field === null ? null : (source.values[field.name] ?? null), source.values)
  })
}

/** A record that is set aside is known by its versions; a full compare knows those of both sides only when both are read. */
function isOutEarly(session: LineSession, frame: PageFrame, item: PageItem, ledger: PageLedger): boolean {
  return !frame.isFullCompare && isLeftOut(session, frame, item, ledger, null)
}

function judge(session: LineSession, frame: PageFrame, record: JudgedRecord, ledger: PageLedger): Decision {
  const partners = partnersOf(record.facts)
  const isFoundOnly = frame.deletions === 'later' && record.facts.coupling !== null && partners.length === 0
  if (
    frame.isFullCompare &&
    !isFoundOnly &&
    isLeftOut(session, frame, record.item, ledger, versionsOf(partners))
  )
    return { result: quietResult(record.item, 'skipped', frame.direction) }
  const decision = adoptMatched(session, frame, record) ?? decide(session, frame, record, null)
  return completeCreation(session, frame, record, decision)
}

async function lookUp(
  session: LineSession,
  frame: PageFrame,
  items: readonly PageItem[],
): Promise<ReadonlyMap<string, Coupling>> {
  await step(session, 'lookup', frame.number)
  if (items.length === 0) return new Map()
  const side = sourceSide[frame.direction]
  const found = await session.commits.sync.findCouplings(
    session.mapping.id,
    side,
    items.map((item) => item.key),
  )
  return indexBy(found, (coupling) => coupling[side].key)
}

/**
 * A creation that was allowed and then failed or had to wait is still owed: when somebody edits such a record, the next
 * run tries again, although by itself it would create nothing (domain.md §18, 5).
 */
function withOwedCreations(items: readonly PageItem[], { own }: PageLedger): readonly PageItem[] {
  if (own.size === 0) return items
  return items.map((item) => (own.get(item.key)?.createMissing ? { ...item, mayCreate: true } : item))
}
