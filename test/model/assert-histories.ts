import fc from 'fast-check'
import { createMemoryStore } from '../support/memory-store/memory-store.ts'
import { play } from './play.ts'
import { histories } from './steps.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { WorldStore } from './world.ts'

/** Histories of one test file, unless COUPLET_MODEL_RUNS says otherwise. */
const RUNS = 510

export async function openMemoryStore(time: VirtualTime): Promise<WorldStore> {
  return { stores: createMemoryStore(time.clock()), pass: async () => {} }
}

/**
 * Plays random histories. Each file has a seed of its own; COUPLET_MODEL_SEED moves all of them to other histories. One that
 * fails is made as short as possible and told.
 */
export async function assertHistories(
  seed: number,
  openStore: (time: VirtualTime) => Promise<WorldStore> = openMemoryStore,
  runs = RUNS,
): Promise<void> {
  const numRuns = Number(process.env['COUPLET_MODEL_RUNS'] ?? runs)
  const moved = Number(process.env['COUPLET_MODEL_SEED'] ?? 0)
  await fc.assert(
    fc.asyncProperty(histories, (history) => play(history, openStore)),
    { numRuns, seed: seed + moved * 1_000 },
  )
}
