import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../src/app/context.ts'
import { type Job, runIsDone } from '../../src/core/sync/run.ts'
import { queueNames } from '../../src/queue/backend.ts'
import { startRun } from '../../src/usecases/flow/start-run.ts'
import { quiet, settleIntents, unbalanced } from '../support/crash-books.ts'
import { request } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { healSystem } from './faults.ts'
import { readSettings, type Scene, withContext } from './scene.ts'

/** Schedules and sweepers go on meanwhile: what is to be empty has to be so at some moment. */
const SOON_MS = 30_000

export interface Judgement {
  readonly violations: readonly string[]
  /** Records that were coupled by hand, because Couplet had asked for it. */
  readonly held: number
}

/**
 * What is wrong when no more harm is done. The data are compared after a run of changes, one of deletions (Business Central keeps no
 * tombstones), and the last look at every intent; a change that has been passed over is missing then, or is found by the
 * first full synchronization, which has to find nothing to do.
 */
export async function judge(scene: Scene, settings: unknown): Promise<Judgement> {
  const { place, books, people, contests } = scene
  for (const url of place.systems) await healSystem(url)
  await quiet(books, 180_000)
  await run(scene, 'modified')
  await run(scene, 'deletions')
  await settleIntents(books)
  const held = await coupleHeld(scene)
  const complaints = [...(await people.complaints()), ...(await contests.complaints())]
  for (const job of await run(scene, 'full')) complaints.push(...judgeQuiet(job, contests.open()))
  await settleIntents(books)
  if (complaints.length > 0) complaints.push(...(await describeLoss(scene, complaints)))
  const violations = [
    ...complaints,
    ...(await judgeBooks(scene)),
    ...(await judgePromises(scene)),
    ...(isDeepStrictEqual(await readSettings(scene), settings) ? [] : ['P12: a setting has changed']),
    ...(await withContext(scene.env, judgeQueue)),
  ]
  return { violations, held }
}

/** Whether a full synchronization has mended it, and what Couplet has noted of what people have edited: to find out why. */
async function describeLoss(
  { people, place }: Scene,
  complaints: readonly string[],
): Promise<readonly string[]> {
  const still = await people.complaints()
  const outcomes = await place.postgres.query<{ row: string }>(
    `SELECT concat_ws(' ', o.at, o.job_id, o.kind, o.direction, o.code, o.local_key, o.remote_key, o.changes::text) AS row
      FROM couplet.outcome o ORDER BY o.id`,
  )
  // Numbers and entered values, which have a number each.
  const values = complaints
    .flatMap((each) => each.split(/ shows? |\||, which/))
    .filter((each) => /\d/.test(each))
  const isAsked = ({ row }: { readonly row: string }) => values.some((value) => row.includes(value))
  return [
    `After the full synchronization: ${still.length === 0 ? 'all is well' : still.join('; ')}`,
    ...outcomes.filter(isAsked).map(({ row }) => `ledger: ${row}`),
  ]
}

/**
 * People may edit what Couplet has just created before it knows that it has: then it does not take the record for its own, says so
 * (POSSIBLE_DUPLICATE), and somebody couples the two by hand.
 */
async function coupleHeld({ books, people, caller }: Scene): Promise<number> {
  const sql = `SELECT DISTINCT split_part(key, ':', 2) AS id FROM couplet.issue WHERE code = 'POSSIBLE_DUPLICATE' ORDER BY 1`
  const { rows } = await books.store.query<{ id: string }>(sql)
  const pairs = new Map<string, object>()
  for (const { id } of rows) {
    const pair = await people.adopt(id)
    if (pair === null) continue
    const { mapping, local, remote } = pair
    pairs.set(remote, { kind: 'couple', mapping, records: { local, remote, next: 'to' } })
  }
  for (const [remote, wish] of pairs) await caller.request('/runs', wish, `by-hand-${remote}`)
  if (pairs.size > 0) await settleIntents(books)
  return pairs.size
}

async function run({ env, pair }: Scene, kind: 'modified' | 'deletions' | 'full'): Promise<readonly Job[]> {
  return withContext(env, async ({ deps }) => {
    const started = await startRun(request(pair.id, kind), deps)
    const ended = async () => {
      const details = await deps.stores.runs.getRun(started.run.id)
      return runIsDone(details.run.state) ? details : null
    }
    return (await waitFor(`the end of the ${kind} run`, ended, 120_000)).jobs
  })
}

/** P4, P5: conflicts that are open are met again, and shown. */
function judgeQuiet({ mappingName, direction, counters }: Job, open: number): readonly string[] {
  const { read, unchanged, ignored, conflict } = counters
  if (read === unchanged + ignored + conflict && conflict <= open) return []
  const seen = Object.entries(counters).filter(([, count]) => count !== 0)
  return [
    `P4, P5: the first full synchronization, ${mappingName} ${direction}: ${JSON.stringify(Object.fromEntries(seen))}`,
  ]
}

async function judgeBooks({ books }: Scene): Promise<readonly string[]> {
  const found = await soon(async () => Object.entries(await unbalanced(books)))
  return found.map(([name, rows]) => `${name}: ${JSON.stringify(rows)}`)
}

async function judgePromises({ caller, place }: Scene): Promise<readonly string[]> {
  const runs = await place.postgres.query<{ id: number }>('SELECT id::int AS id FROM couplet.run')
  const known = new Set(runs.map(({ id }) => id))
  const lost = [...caller.accepted].filter((id) => !known.has(id))
  return lost.map((id) => `P1: run ${id} was accepted and is not there`)
}

/** P10, by what BullMQ itself says: nobody waits for children, nothing is held by a worker that is not there. */
async function judgeQueue({ backend }: Context): Promise<readonly string[]> {
  const stuck = await soon(async () => {
    const counts = await Promise.all(
      queueNames.map(async (name) => {
        const found = await backend.queues[name].getJobCounts(
          'waiting-children',
          'active',
          'waiting',
          'prioritized',
        )
        return Object.entries(found).map(([state, count]) => ({ name, state, count }))
      }),
    )
    return counts.flat().filter(({ count }) => count > 0)
  })
  const isAlive = async () => {
    const queue = backend.queues['couplet-schedules']
    const [first, ...more] = await queue.getJobSchedulers()
    if (first?.next === undefined || more.length > 0) return [first]
    const state = await queue.getJobState(`repeat:${first.key}:${first.next}`)
    return ['delayed', 'waiting', 'prioritized', 'active'].includes(state) ? [] : [first]
  }
  return [
    ...stuck.map(({ name, state, count }) => `P10: ${count} jobs of ${name} stay ${state}`),
    ...(await soon(isAlive)).map((found) => `P1, P10: the schedule is dead: ${JSON.stringify(found)}`),
  ]
}

/** Waits until nothing is found any more, but not for ever: gives what is found then. */
async function soon<T>(find: () => Promise<readonly T[]>): Promise<readonly T[]> {
  let found: readonly T[] = []
  const isNothing = async () => {
    found = await find()
    return found.length === 0
  }
  await waitFor('nothing more is found', isNothing, SOON_MS).catch(() => {})
  return found
}
