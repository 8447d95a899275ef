import { it } from 'vitest'
import { assertHistories } from './assert-histories.ts'

it(
  'P1–P12: whatever happens, both systems end as the reference model says (part 4)',
  () => assertHistories({ seed: 4 }),
  3_600_000,
)
