import { afterAll, beforeAll, it } from 'vitest'
import { assertHistories, inMemory } from './assert-histories.ts'
import { type DynamicsStage, openDynamics } from './dynamics-systems.ts'
import { play } from './play.ts'
import { plainSetting, type Setting } from './scenario.ts'
import { dynamicsHistories, type Step } from './steps.ts'

let dynamics: DynamicsStage
beforeAll(async () => {
  dynamics = await openDynamics()
})
afterAll(() => dynamics.close())

it(
  'P1–P12: histories between Business Central and Dataverse over HTTP, with faults on, end as the reference model says',
  () => assertHistories({ seed: 1, stage: dynamics, runs: 15, of: dynamicsHistories }),
  3_600_000,
)

const plain: Setting = { ...plainSetting, systems: 'dynamics', localKeys: 'business key' }

/** Short histories that have gone wrong once. */
it('P3: a creation that was carried out although the service says that it failed is not created back', () => {
  const steps: readonly Step[] = [
    { do: 'insert', side: 'local', refused: false },
    {
      do: 'run',
      kind: 'full',
      pageSize: 1,
      mishaps: [{ before: 'read', nth: 1, what: { accident: 'fail parts', side: 'remote' } }],
    },
  ]
  return play({ setting: plain, steps }, { ...inMemory, ...dynamics })
})
