import { it } from 'vitest'
import { assertHistories } from './assert-histories.ts'

it(
  'P1–P12: whatever happens, both systems end as the reference model says (part 3)',
  () => assertHistories({ seed: 3 }),
  3_600_000,
)
