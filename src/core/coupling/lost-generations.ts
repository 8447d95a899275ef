import type { Coupling } from './coupling.ts'
import { nextGeneration, type UncoupledPair } from './uncoupling.ts'

/**
 * Generations of the counterparts that a record may have got while nobody noted it, newest first (docs/disaster.md). One that is
 * coupled: anew, its partner having been deleted. One that is not: for the first time, anew after it was uncoupled, or
 * after that was done in the lost time itself.
 */
export function lostGenerations(
  coupling: Pick<Coupling, 'generation'> | null,
  memory: readonly Pick<UncoupledPair, 'generation'>[],
): readonly number[] {
  if (coupling !== null) return [coupling.generation + 1]
  const last = nextGeneration(memory) + 1
  return Array.from({ length: last + 1 }, (_, index) => last - index)
}
