import type { ChainUse } from '../transform/compile-chain.ts'
import {
  type FieldMapping,
  type JobDirection,
  jobDirections,
  type MappingDefinition,
  type Side,
} from './definition.ts'

/**
 * Steps lead from local to remote, and back by their inverses. Only a field that never goes that way is written down
 * from remote to local; the direction of the mapping changes nothing about what the steps mean.
 */
export function wayOf(field: Pick<FieldMapping, 'direction'>, direction: JobDirection): 'forward' | 'back' {
  if (field.direction === 'FromIntegrationTable') return 'forward'
  return direction === 'to' ? 'forward' : 'back'
}

/** `both` when a value that has gone one way may come back the other. */
export function chainUse(definition: MappingDefinition, field: FieldMapping): ChainUse {
  const isBoth = field.direction === 'Bidirectional' && jobDirections(definition.direction).includes('from')
  return isBoth ? 'both' : 'forward'
}

/** Further fields of that side which a field mapping joins to its own value; the side its steps begin at. */
export function joinedFields(field: FieldMapping, side: Side): readonly string[] {
  const begins: Side = field.direction === 'FromIntegrationTable' ? 'remote' : 'local'
  if (side !== begins) return []
  return (field.transform ?? []).flatMap((step) =>
    typeof step === 'string' ? [] : (step.concat?.fields ?? []),
  )
}
