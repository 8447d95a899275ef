import { problem } from '../../core/errors.ts'
import { destinationSide } from '../../core/mapping/definition.ts'
import { displayKey } from '../../core/values/key.ts'
import type { LineSession } from '../line/session.ts'
import { problemResult, type WritePlan } from './decide.ts'
import { plannedKey } from './operation.ts'
import type { PageFrame, RecordResult } from './page.ts'

/**
 * Puts off plans that would change a key under which a creation of ours may still arrive: coming late it would find the key
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
    if (plan.action !== 'modify' || plannedKey(session, side, write) === null) return false
    const doubtful = session.doubtful[frame.direction].get(record.item.key) ?? []
    return doubtful.some(
      ({ write: sent, mayStillArrive }) =>
        mayStillArrive && sent.token !== null && sent.destinationKey === plan.partner.key,
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

/**
 * Refuses, before anything is written, plans whose record would get a key that another coupling holds: that of a record
 * deleted long ago, say. Written outside it could not be noted, and the whole page with it (P6). Keys that records of
 * the same page give up are free. One query, and only where keys are mapped like other fields.
 */
export async function refuseTakenKeys(
  session: LineSession,
  frame: PageFrame,
  plans: readonly WritePlan[],
): Promise<{ readonly refused: readonly RecordResult[]; readonly free: readonly WritePlan[] }> {
  const side = destinationSide[frame.direction]
  const wanted = new Map(
    plans.flatMap((plan) => {
      const key = plannedKey(session, side, plan)
      return key === null ? [] : [[plan, key] as const]
    }),
  )
  if (wanted.size === 0) return { refused: [], free: plans }
  const taken = await session.commits.sync.findTaken(session.groups[side], side, [...wanted.values()], -1)
  // A record that is restored gets the key of the one that is gone, and its coupling with it.
  const givenUp = new Set(
    [...wanted.keys()].map(({ record, plan }) =>
      plan.action === 'modify' ? plan.partner.key : (record.facts.coupling?.[side].key ?? null),
    ),
  )
  const refused = new Map<WritePlan, RecordResult>()
  for (const [plan, key] of wanted) {
    const holder = taken.get(key)
    if (holder === undefined || givenUp.has(key)) continue
    const message = `${session.mapping[side].schema.table} ${displayKey(key)} is coupled in mapping ${holder} already, to another record`
    refused.set(
      plan,
      problemResult(session, frame, plan.record, 'failed', problem('ALREADY_COUPLED', message), {}),
    )
  }
  return { refused: [...refused.values()], free: plans.filter((plan) => !refused.has(plan)) }
}
