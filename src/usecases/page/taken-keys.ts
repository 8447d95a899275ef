import { problem } from '../../core/errors.ts'
import { destinationSide, type Side } from '../../core/mapping/definition.ts'
import { judgeKeyMoves } from '../../core/sync/key-moves.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import type { LineSession } from '../line/session.ts'
import { problemResult, type WritePlan } from './decide.ts'
import { changesBusinessKey, plannedKey } from './operation.ts'
import type { PageFrame, RecordResult } from './page.ts'

/**
 * Puts off plans that would change a key, or a business key, under which a creation of ours may still arrive: coming late it would find the key
 * free, and make the record a second time (P3).
 */
export function putOffUnsureKeys(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
): { readonly putOff: readonly RecordResult[]; readonly sure: readonly WritePlan[] } {
  const side = destinationSide[frame.direction]
  const isUnsure = (write: WritePlan) => {
    const { plan, record } = write
    if (plan.action !== 'modify') return false
    const isMoved = plannedKey(session, side, write) !== null
    const doubtful = session.doubtful[frame.direction].get(record.item.key) ?? []
    return doubtful.some(
      ({ write: sent, mayStillArrive }) =>
        mayStillArrive &&
        sent.token !== null &&
        ((isMoved && sent.destinationKey === plan.partner.key) ||
          changesBusinessKey(session, side, write, sent.values)),
    )
  }
  const unsure = new Set(plans.filter(isUnsure))
  if (unsure.size === 0) return { putOff: [], sure: plans }
  const message = 'Its creation may still be under way; the key is changed when that is over'
  const retryInMs = session.deps.settings.leaseMs
  return {
    putOff: [...unsure].map(({ record }) =>
      problemResult(session, frame, record, 'failed', problem('RECORD_LOCKED', message), { retryInMs }),
    ),
    sure: plans.filter((plan) => !unsure.has(plan)),
  }
}

interface KeyedPlans {
  readonly refused: readonly RecordResult[]
  readonly free: readonly WritePlan[]
  /** To be written when others of the page have given up their keys. */
  readonly waiting: readonly WritePlan[]
}

/**
 * Refuses, before anything is written, plans whose record would get a key that another coupling holds: that of a record
 * deleted long ago, say. Written outside it could not be noted, and the whole page with it (P6). A key that a record of
 * the same page gives up is free when that one has moved (`left`: those that have); records that exchange their keys in a
 * circle cannot be written one after the other. One query, and only where keys are mapped like other fields.
 */
export async function refuseTakenKeys(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
  left: ReadonlySet<RecordKey>,
): Promise<KeyedPlans> {
  const side = destinationSide[frame.direction]
  const wanted = new Map(
    plans.flatMap((plan) => {
      const key = plannedKey(session, side, plan)
      return key === null ? [] : [[plan, key] as const]
    }),
  )
  if (wanted.size === 0) return { refused: [], free: plans, waiting: [] }
  const taken = await session.commits.sync.findTaken(session.groups[side], side, [...wanted.values()], -1)
  const moves = [...wanted].map(([plan, to]) => ({ plan, from: keyBefore(plan, side), to }))
  const givenUp = new Set([...left, ...moves.flatMap(({ from }) => from ?? [])])
  const possible = moves.filter(({ to }) => !taken.has(to) || givenUp.has(to))
  const verdicts = new Map(
    judgeKeyMoves(possible).map((verdict, index) => [possible[index]?.plan, verdict] as const),
  )
  const verdictOf = (plan: WritePlan) => (wanted.has(plan) ? (verdicts.get(plan) ?? 'taken') : 'free')
  const refuse = (plan: WritePlan, key: RecordKey) => {
    const name = `${session.mapping[side].schema.table} ${displayKey(key)}`
    const found =
      verdictOf(plan) === 'circle'
        ? problem('KEYS_SWAPPED', `${name} is the key of a record that gets another key only after this one`)
        : problem(
            'ALREADY_COUPLED',
            `${name} is coupled in mapping ${taken.get(key)} already, to another record`,
          )
    return problemResult(session, frame, plan.record, 'failed', found, {})
  }
  return {
    refused: [...wanted].flatMap(([plan, key]) =>
      ['circle', 'taken'].includes(verdictOf(plan)) ? [refuse(plan, key)] : [],
    ),
    free: plans.filter((plan) => verdictOf(plan) === 'free'),
    waiting: plans.filter((plan) => verdictOf(plan) === 'waits'),
  }
}

/** A record that is restored gets the key of the one that is gone, and its coupling with it. */
function keyBefore({ record, plan }: WritePlan, side: Side): RecordKey | null {
  return plan.action === 'modify' ? plan.partner.key : (record.facts.coupling?.[side].key ?? null)
}

/** The keys that these plans have moved their records away from. */
export function keysLeft(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
  results: readonly RecordResult[],
): readonly RecordKey[] {
  const side = destinationSide[frame.direction]
  const written = new Map(results.map(({ item, coupling }) => [item.key, coupling]))
  return plans.flatMap((plan) => {
    const before = keyBefore(plan, side)
    const after = written.get(plan.record.item.key)?.[side].key
    const isMoved = plannedKey(session, side, plan) !== null && after !== undefined && after !== before
    return isMoved && before !== null ? [before] : []
  })
}
