import type { Coupling } from '../../core/coupling/coupling.ts'
import { sourceSide } from '../../core/mapping/definition.ts'
import { indexBy } from '../../lib/group.ts'
import { chargeThinking } from '../line/job-costs.ts'
import { type LineSession, mayCreate, step } from '../line/session.ts'
import { adoptMatched } from './adopt.ts'
import { commitResults } from './commit.ts'
import { completeCreation } from './complete-creation.ts'
import { type Decision, decide, type WritePlan } from './decide.ts'
import { gatherFacts } from './gather.ts'
import type { JudgedRecord, PageFrame, PageItem, RecordResult } from './page.ts'
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
  const owed = await findOwed(session, frame, items, couplings)
  await step(session, 'sort', frame.number)
  const sorted = chargeThinking(() => sortOut(session, frame, owed, couplings))
  const gathered = await gatherFacts(session, frame, sorted.open)
  await step(session, 'decide', frame.number)
  const decisions = chargeThinking(() => gathered.judged.map((record) => judge(session, frame, record)))
  const plans = decisions.flatMap((decision): WritePlan[] => ('write' in decision ? [decision.write] : []))
  const written = await writePlans(session, frame, plans)
  const results = [
    ...sorted.settled,
    ...gathered.settled,
    ...decisions.flatMap((decision) => ('result' in decision ? [decision.result] : [])),
    ...written.results,
  ]
  await commitResults(session, frame, results, couplings, written.intentIds)
  return results
}

function judge(session: LineSession, frame: PageFrame, record: JudgedRecord): Decision {
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
async function findOwed(
  session: LineSession,
  frame: PageFrame,
  items: readonly PageItem[],
  couplings: ReadonlyMap<string, Coupling>,
): Promise<readonly PageItem[]> {
  if (mayCreate(session)) return items
  const uncoupled = items.filter((item) => !item.mayCreate && !couplings.has(item.key))
  if (uncoupled.length === 0) return items
  const keys = uncoupled.map((item) => item.key)
  const owed = await session.commits.sync.findOwedCreations(session.mapping.id, frame.direction, keys)
  return owed.size === 0
    ? items
    : items.map((item) => (owed.has(item.key) ? { ...item, mayCreate: true } : item))
}
