import { SyncError } from '../errors.ts'
import type { MappingDefinition } from './definition.ts'

/** Throws MAPPING_DISABLED. A disabled mapping takes part in no run, also where it is named; only a preview may look at it. */
export function assertEnabled({ name, enabled }: Pick<MappingDefinition, 'name' | 'enabled'>): void {
  if (!enabled)
    throw new SyncError('MAPPING_DISABLED', `Mapping ${name} is disabled: it takes part in no run`)
}
