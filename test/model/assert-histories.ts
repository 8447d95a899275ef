import fc from 'fast-check'
import { createMemoryStore } from '../support/memory-store/memory-store.ts'
import { openMemorySystems } from './memory-systems.ts'
import { play, type Stage } from './play.ts'
import { type History, histories } from './steps.ts'

/** Histories of one test file, unless COUPLET_MODEL_RUNS says otherwise. */
const RUNS = 160

export const inMemory: Stage = {
  openStore: async (time) => ({ stores: createMemoryStore(time.clock()), pass: async () => {} }),
  openSystems: openMemorySystems,
}

export interface HistoriesOfFile {
  readonly seed: number
  readonly stage?: Partial<Stage>
  readonly runs?: number
  readonly of?: fc.Arbitrary<History>
}

/**
 * Plays random histories. Each file has a seed of its own; COUPLET_MODEL_SEED moves all of them to other histories. One that
 * fails is made as short as possible and told.
 */
export async function assertHistories({ seed, stage, runs = RUNS, of = histories }: HistoriesOfFile) {
  const numRuns = Number(process.env['COUPLET_MODEL_RUNS'] ?? runs)
  const moved = Number(process.env['COUPLET_MODEL_SEED'] ?? 0)
  await fc.assert(
    fc.asyncProperty(of, (history) => play(history, { ...inMemory, ...stage })),
    { numRuns, seed: seed + moved * 1_000 },
  )
}
