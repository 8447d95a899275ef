import { afterAll, beforeAll, it } from 'vitest'
import { assertHistories } from './assert-histories.ts'
import { type DynamicsStage, openDynamics } from './dynamics-systems.ts'
import { dynamicsHistories } from './steps.ts'

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
