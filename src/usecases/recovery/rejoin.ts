import { problem, toSyncError } from '../../core/errors.ts'
import { type JobDirection, jobDirections, sourceSide } from '../../core/mapping/definition.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { Job, RunState } from '../../core/sync/run.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import { commitNamed } from '../coupling/commit-named.ts'
import { coupleByHand } from '../coupling/couple-by-hand.ts'
import { namedItem } from '../coupling/results.ts'
import type { LineSession } from '../line/session.ts'
import type { RecordResult } from '../page/page.ts'
import { troubledResult } from '../page/results.ts'
import { findLost, findUnexplained, type LostPair, traceOf } from './find-lost.ts'
import { carryOut, type Recovery } from './own-run.ts'

export interface Rejoined {
  readonly mapping: string
  readonly direction: JobDirection
  /** Records whose counterpart of our making was found again. */
  readonly found: number
  /** False: nothing tells what was created in this direction, or its search has failed; the mapping is paused. */
  readonly isSearched: boolean
  /** Why the search of a disabled mapping has failed. */
  readonly failure: string | null
  /** Records that Couplet has created, nothing tells for which record: they are set aside and not created back. */
  readonly held: number
}

export interface Recovered {
  readonly found: readonly Rejoined[]
  /** How the runs have ended that have looked for it. */
  readonly states: readonly RunState[]
}

/**
 * For a store that is older than the systems (docs/disaster.md). The race: after the backup a record was created on the
 * other side; the restored store knows nothing of it, and the new record would look like somebody else's and be created
 * back, by a disabled mapping on the day somebody enables it. So before anything else runs, what belongs together by its ids, receipts or keys is coupled; what Couplet has created and
 * nothing explains any more is set aside; and a mapping of which nothing tells what it has created is paused. Writes
 * nothing outside; a second time it finds nothing left.
 */
export async function rejoin(recovery: Recovery): Promise<Recovered> {
  const mappings = await recovery.deps.stores.mappings.listMappings(recovery.pair.id)
  const found: Rejoined[] = []
  const states: RunState[] = []
  const unopened = new Set<StoredMapping>()
  for (const mapping of mappings) {
    const searched = await search(mapping, recovery)
    found.push(...searched.found)
    states.push(searched.state)
    if (searched.found.some(({ failure }) => failure !== null)) unopened.add(mapping)
    await pauseUnsearched(mapping, searched.found, recovery)
  }
  // Last, because what one mapping cannot explain another one may have created.
  const held = new Map<string, number>()
  for (const mapping of mappings.filter((each) => !unopened.has(each)))
    for (const [name, count] of await holdBack(mapping, recovery)) held.set(name, count)
  return {
    found: found.map((each) => ({ ...each, held: held.get(nameOf(each)) ?? 0 })),
    states,
  }
}

const nameOf = ({ mapping, direction }: Pick<Rejoined, 'mapping' | 'direction'>) => `${direction} ${mapping}`

/**
 * Nobody keeps the tables of a disabled mapping as it describes them, so that one which cannot be searched holds up no
 * other.
 */
async function search(
  mapping: StoredMapping,
  recovery: Recovery,
): Promise<{ readonly found: readonly Rejoined[]; readonly state: RunState }> {
  const found: Rejoined[] = []
  const { name, enabled, direction } = mapping.definition
  try {
    const { state } = await carryOut(mapping, 'search', recovery, async (session, jobs) => {
      for (const job of jobs) found.push(await coupleAgain(session, job, jobs))
    })
    return { found, state }
  } catch (error) {
    if (enabled || recovery.signal.aborted) throw error
    const { message: failure } = toSyncError(error)
    const none = { mapping: name, found: 0, isSearched: false, failure, held: 0 }
    return { found: jobDirections(direction).map((each) => ({ ...none, direction: each })), state: 'failed' }
  }
}

/** In the job of the direction that is worked off first, as all couplings are made. */
async function coupleAgain(
  session: LineSession,
  { direction }: Job,
  [first]: readonly Job[],
): Promise<Rejoined> {
  let found = 0
  let page = 0
  for await (const pairs of findLost(session, direction)) {
    if (pairs.length === 0 || first === undefined) continue
    found += pairs.length
    page += 1
    const requests = pairs.map((pair) => toRequest(first, pair))
    await coupleByHand(session, first, page, requests, [])
  }
  const { name } = session.mapping.definition
  const isSearched = traceOf(session, direction) !== null
  return { mapping: name, direction, found, isSearched, failure: null, held: 0 }
}

function toRequest({ id, direction }: Job, { local, remote, generation }: LostPair) {
  const [key, partner] = direction === 'to' ? [local, remote] : [remote, local]
  const task = { kind: 'couple', with: partner, next: 'nothing' } as const
  return { key, jobIds: [id], task, restoredGeneration: generation }
}

/** Its next run would create back what the lost time has created. */
async function pauseUnsearched(
  { id, definition }: StoredMapping,
  found: readonly Rejoined[],
  { act, deps, recovery, lease }: Recovery,
): Promise<void> {
  if (found.every(({ isSearched }) => isSearched)) return
  const reason =
    'What it has created since the backup cannot be told: couple those records first, then resume it (docs/disaster.md)'
  await deps.probe.before('finish', { mapping: definition.name, page: 0 })
  await recovery.pauseMapping(id, reason, act, lease.fence)
}

/** Of a mapping that would create them back, the records that nothing explains, set aside until a person releases them. */
async function holdBack(mapping: StoredMapping, recovery: Recovery): Promise<ReadonlyMap<string, number>> {
  const held = new Map<string, number>()
  if (jobDirections(mapping.definition.direction).length < 2) return held
  await carryOut(mapping, 'hold', recovery, async (session, jobs) => {
    for (const job of jobs)
      held.set(nameOf({ ...job, mapping: mapping.definition.name }), await hold(session, job))
  })
  return held
}

async function hold(session: LineSession, job: Job): Promise<number> {
  const side = sourceSide[job.direction]
  if (session.mapping.keyStrategy[side] !== 'derived-uuid') return 0
  let count = 0
  let page = 0
  for await (const keys of findUnexplained(session, side)) {
    if (keys.length === 0) continue
    count += keys.length
    page += 1
    const results = keys.map((key) => setAside(session, job, key))
    await commitNamed(session, job, page, results, {})
  }
  return count
}

/** Without a version, so that no edit of the record brings it back. */
function setAside(session: LineSession, { id, direction }: Job, key: RecordKey): RecordResult {
  const { table } = session.mapping[sourceSide[direction]].schema
  const message = `${table} ${displayKey(key)} was created by Couplet after the backup that was restored, for a record that is gone by now or cannot be told`
  const result = troubledResult({
    item: namedItem(key, [id]),
    direction,
    kind: 'skipped',
    problem: problem('POSSIBLE_DUPLICATE', message),
    source: null,
    partnerKey: null,
    awaits: null,
    conflicts: [],
    retryInMs: null,
    mayCreate: true,
    leavesIssue: true,
  })
  return { ...result, issues: result.issues.map((issue) => ({ ...issue, sourceVersion: null })) }
}
