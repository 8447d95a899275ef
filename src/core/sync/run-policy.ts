import type { InitialDirection } from '../mapping/conflict-strategy.ts'
import type { MappingDefinition } from '../mapping/definition.ts'
import type { JobType, RunOptions } from './run.ts'

/** Who decides about fields that have never agreed: what the run says goes before what the mapping says (P12). */
export function initialDirectionIn(
  options: Pick<RunOptions, 'initialDirection'>,
  { name, initialDirection }: Pick<MappingDefinition, 'name' | 'initialDirection'>,
): InitialDirection | null {
  const ofRun = options.initialDirection
  return Object.hasOwn(ofRun, name) ? (ofRun[name] ?? null) : (initialDirection ?? null)
}

/** A scheduled run creates nothing while the mapping says "only coupled"; the run may override it (domain.md §13.1), for lines that synchronize. */
export function createsMissing(
  options: Pick<RunOptions, 'createMissing'>,
  jobType: JobType,
  { onlyCoupled }: Pick<MappingDefinition, 'onlyCoupled'>,
): boolean {
  return (options.createMissing && jobType === 'synchronization') || !onlyCoupled
}
