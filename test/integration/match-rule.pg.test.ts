import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chooseHit, countClaims, judgeHit, type MatchHit } from '../../src/core/coupling/judge-match.ts'
import type { MatchVerdict } from '../../src/core/coupling/match-list.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { couplingWrite, givenWorkplace } from '../support/store-fixtures.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

/** One record: its match key per group, null where the group does not apply to it. */
type Keys = readonly (string | null)[]

interface Books {
  readonly local: readonly Keys[]
  readonly remote: readonly Keys[]
  /** Places of pairs that are coupled, and of pairs that were uncoupled. */
  readonly coupled: readonly (readonly [number, number])[]
  readonly uncoupled: readonly (readonly [number, number])[]
}

const GROUPS = 3
const keys = fc.array(fc.option(fc.constantFrom('a', 'b', 'c'), { freq: 3 }), {
  minLength: GROUPS,
  maxLength: GROUPS,
})
const side = fc.array(keys, { minLength: 1, maxLength: 6 })
const pairs = fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 3, selector: String })
const books = fc.record({ local: side, remote: side, coupled: pairs, uncoupled: pairs })

/** Pairs of existing records, each record in one of them only. */
function couplingsOf({ local, remote, coupled }: Books) {
  const seen = new Set<string>()
  return coupled.filter(([l, r]) => {
    const isFree = l < local.length && r < remote.length && !seen.has(`l${l}`) && !seen.has(`r${r}`)
    if (isFree) seen.add(`l${l}`).add(`r${r}`)
    return isFree
  })
}

interface Found extends MatchHit {
  readonly candidate: number
}

/** The rule of the core, on the same books. */
function expected(given: Books): ReadonlyMap<string, MatchVerdict> {
  const coupled = couplingsOf(given)
  const chosen = new Map<number, Found | null>()
  for (const [place, own] of given.local.entries()) {
    if (coupled.some(([l]) => l === place)) continue
    const hits = own.flatMap((key, group): Found[] => {
      const candidates = given.remote.flatMap((other, at) =>
        key !== null && other[group] === key ? [at] : [],
      )
      const [candidate] = candidates
      if (candidate === undefined) return []
      return [
        {
          candidate,
          candidateCount: candidates.length,
          rivals: given.local.filter((other) => other[group] === key).length,
          takenBy: coupled.some(([, r]) => r === candidate) ? 'M' : null,
          wasUncoupled: given.uncoupled.some(([l, r]) => l === place && r === candidate),
        },
      ]
    })
    chosen.set(place, chooseHit(hits))
  }
  const claims = countClaims(
    [...chosen.values()].filter((hit) => hit !== null),
    ({ candidate }) => String(candidate),
  )
  return new Map(
    [...chosen].map(([place, hit]) => {
      if (hit === null) return [`text:L${place}`, 'none']
      const verdict = judgeHit(hit)
      const isClaimed = verdict === 'unique' && (claims.get(String(hit.candidate)) ?? 0) > 1
      return [`text:L${place}`, isClaimed ? 'ambiguous' : verdict]
    }),
  )
}

async function judgedBySql(given: Books): Promise<ReadonlyMap<string, MatchVerdict>> {
  const { matches, sync } = opened.store
  const place = await givenWorkplace(opened.store)
  const job = { mappingId: place.mapping.id, jobId: place.jobId }
  for (const [l, r] of given.uncoupled) {
    await place.commit({ couplings: [couplingWrite(`L${l}`, `R${r}`, { jobId: place.jobId })] })
    const [coupling] = await sync.findCouplings(place.mapping.id, 'local', [`text:L${l}`])
    const why = { reason: 'test', uncoupledBy: 'test', jobId: place.jobId, isRemembered: true }
    const removed = { couplingId: coupling?.id ?? 0, localKey: `text:L${l}`, remoteKey: `text:R${r}` }
    await place.commit({ uncouplings: [{ ...removed, ...why, generation: 0 }] })
  }
  await place.commit({
    couplings: couplingsOf(given).map(([l, r]) => couplingWrite(`L${l}`, `R${r}`, { jobId: place.jobId })),
  })
  const checkpoint = { cursor: null, ceiling: null, pages: 1, passDone: false }
  for (const which of ['local', 'remote'] as const) {
    const records = given[which].map((matchKeys, at) => ({
      key: `text:${which === 'local' ? 'L' : 'R'}${at}`,
      matchKeys,
    }))
    await matches.stageMatchKeys(place.fence, { ...job, side: which, records, checkpoint })
  }
  await matches.judgeMatches(place.fence, { ...job, direction: 'to', checkpoint })
  const found = await matches.findFindings(place.jobId, { after: 0, limit: 100 })
  return new Map(found.map(({ key, verdict }) => [key, verdict]))
}

it('the store judges matches by the rule of the core (domain.md §12.3)', async () => {
  await fc.assert(
    fc.asyncProperty(books, async (given) => {
      const [bySql, byRule] = [await judgedBySql(given), expected(given)]
      expect([...bySql].sort()).toEqual([...byRule].sort())
    }),
    { numRuns: 60 },
  )
}, 120_000)
