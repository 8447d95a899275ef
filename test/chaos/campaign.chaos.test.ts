import { afterEach, describe, expect, it, onTestFailed } from 'vitest'
import { chooseSeed, seededRandom } from '../support/crash-random.ts'
import { queueKinds } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { possibleHarms } from './faults.ts'
import { judge } from './judge.ts'
import { chooseHarms, doHarm, type HarmDone } from './lanes.ts'
import { type Campaign, formatCampaign } from './report.ts'
import { openScene, readSettings, type Scene } from './scene.ts'

/** How many times harm is done; left out: each kind once, over Redis where there is one. */
const wanted = process.env['COUPLET_CHAOS_HARMS']
const queues = wanted === undefined ? queueKinds.slice(-1) : queueKinds
/** After so many everything comes to rest, and is judged: a full synchronization later on would hide what was lost. */
const ROUND = 25

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Somebody who goes on, whatever happens around him, until it is over. */
async function goOn(isOver: () => boolean, work: () => Promise<void>): Promise<void> {
  while (!isOver()) await work()
}

/** Harm is done while people edit, quarrel and ask for runs; a full synchronization is under way when it begins. */
async function playRound(scene: Scene, names: readonly string[]): Promise<readonly HarmDone[]> {
  const { place, people, contests, caller } = scene
  const { random, pause } = place
  await caller.ask('full')
  await waitFor('the first record that is carried over', async () => {
    const rows = await place.postgres.query('SELECT FROM couplet.outcome LIMIT 1').catch(() => [])
    return rows.length > 0
  })
  let isOver = false
  const everyNowAndThen = (upToMs: number, work: () => Promise<void>) =>
    goOn(
      () => isOver,
      async () => {
        await pause(random() * upToMs)
        await work()
      },
    )
  const harm = doHarm(names, place).finally(() => {
    isOver = true
  })
  const [done] = await Promise.all([
    harm,
    everyNowAndThen(300, people.work),
    everyNowAndThen(1_000, contests.work),
    everyNowAndThen(3_000, () => caller.ask(random() < 0.8 ? 'modified' : 'deletions')),
  ])
  return done
}

async function describeCampaign({
  place,
  people,
  contests,
}: Scene): Promise<Pick<Campaign, 'edits' | 'contests' | 'runs' | 'moved' | 'endedByThemselves'>> {
  const [runs] = await place.postgres.query<{ n: number }>('SELECT count(*)::int AS n FROM couplet.run')
  const moved = await place.postgres.query<{ kind: string; n: number }>(
    `SELECT kind, count(*)::int AS n FROM couplet.outcome
      WHERE kind IN ('inserted', 'modified', 'coupled', 'deleted') GROUP BY 1 ORDER BY 1`,
  )
  return {
    edits: people.edits(),
    contests: contests.counts(),
    runs: runs?.n ?? 0,
    moved: Object.fromEntries(moved.map(({ kind, n }) => [kind, n])),
    endedByThemselves: place.fleet.endedByThemselves(),
  }
}

describe.each(queues)('a campaign of harm, over %s', (queue) => {
  // Each attempt does other harm: one that fails is not made good by the next.
  it('P1–P5, P7, P10, P12: everything arrives once, nothing is stuck, and no setting has changed', {
    retry: 0,
  }, async () => {
    const seed = chooseSeed()
    const random = seededRandom(seed)
    const scene = await openScene(queue, random, closers)
    onTestFailed(() => {
      process.stderr.write(`COUPLET_TEST_SEED=${seed}\n${scene.place.fleet.lastLines()}\n`)
    })
    const begun = performance.now()
    const minutes = () => Math.ceil((performance.now() - begun) / 60_000)
    const settings = await readSettings(scene)
    const names = chooseHarms(
      possibleHarms(scene.place),
      wanted === undefined ? null : Number(wanted),
      random,
    )
    const harms: HarmDone[] = []
    const survived: HarmDone[] = []
    const violations: string[] = []
    let held = 0
    while (harms.length < names.length && violations.length === 0) {
      const done = await playRound(scene, names.slice(harms.length, harms.length + ROUND))
      const judgement = await judge(scene, settings)
      violations.push(...judgement.violations)
      held += judgement.held
      harms.push(...done)
      if (violations.length === 0) survived.push(...done)
      if (wanted !== undefined)
        process.stderr.write(`${queue}: ${harms.length} of ${names.length} harms, ${minutes()} minutes\n`)
    }
    const campaign = {
      ...(await describeCampaign(scene)),
      seed,
      queue,
      harms,
      survived,
      held,
      minutes: minutes(),
      violations,
    }
    if (wanted !== undefined) process.stdout.write(`\n${formatCampaign(campaign)}\n`)
    expect(violations).toEqual([])
    expect(survived).toHaveLength(names.length)
    expect(campaign.contests.contests).toBeGreaterThan(0)
  })
})
