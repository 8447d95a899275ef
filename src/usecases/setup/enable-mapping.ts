import { SyncError } from '../../core/errors.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'
import { type ImportReport, importMappings } from './import-mappings.ts'

type EnableDeps = Parameters<typeof importMappings>[3] & Pick<Deps, 'stores'>

/**
 * Has a mapping take part in runs, or not, as a new version of it; one that is so already stays as it is. What is enabled is
 * checked like an import; disabling asks no system, because one that is down is a reason for it. Throws MAPPING_UNKNOWN, and MAPPING_EDITED when
 * somebody else changes the mapping meanwhile.
 */
export async function enableMapping(
  pair: Pair,
  name: string,
  enabled: boolean,
  by: { readonly changedBy: string; readonly reason: string },
  deps: EnableDeps,
): Promise<ImportReport> {
  const { definition, version } = await deps.stores.mappings.getMapping(pair.id, name)
  if (definition.enabled === enabled)
    return { imported: [{ name, version, result: 'unchanged' }], problems: [] }
  const changed = { ...definition, enabled }
  if (enabled) return importMappings(pair, [changed], by, deps, { expected: new Map([[name, version]]) })
  const write = {
    pairId: pair.id,
    definition: changed,
    expectedVersion: version,
    selectionChanged: false,
    ...by,
  }
  const saved = await deps.stores.mappings.saveMapping(write)
  if (saved) return { imported: [{ name, version: saved.version, result: 'changed' }], problems: [] }
  const message = `Mapping ${name} was changed by somebody else in the meantime; nothing was saved`
  throw new SyncError('MAPPING_EDITED', message, { data: { name } })
}
