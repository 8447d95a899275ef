import { and, eq, sql } from 'drizzle-orm'
import { exclusivityGroup } from '../../core/coupling/exclusivity-group.ts'
import { SyncError } from '../../core/errors.ts'
import type { MappingDefinition } from '../../core/mapping/definition.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import { clock, type Executor } from '../database.ts'
import { violates } from '../database-errors.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { listMappings } from './read-mappings.ts'

export interface Groups {
  readonly localGroup: string
  readonly remoteGroup: string
}

export function groupsOf(
  pair: Pair,
  {
    local,
    remote,
    exclusivityGroup: group,
  }: Pick<MappingDefinition, 'local' | 'remote' | 'exclusivityGroup'>,
): Groups {
  return {
    localGroup: exclusivityGroup(pair.localConnection.id, local.table, group),
    remoteGroup: exclusivityGroup(pair.remoteConnection.id, remote.table, group),
  }
}

/** Moves the couplings of a mapping to its groups; ALREADY_COUPLED when a record there is coupled by another mapping. */
export async function moveCouplings(tx: Executor, mappingId: number, groups: Groups): Promise<void> {
  const { localGroup, remoteGroup } = groups
  try {
    await tx.execute(sql`
      update couplet.coupling set local_group = ${localGroup}, remote_group = ${remoteGroup}
      where mapping_id = ${mappingId} and (local_group, remote_group) <> (${localGroup}, ${remoteGroup})`)
  } catch (error) {
    if (!violates(error, 'coupling_local', 'coupling_remote')) throw error
    throw new SyncError(
      'ALREADY_COUPLED',
      `The records of mapping ${mappingId} cannot move to another table or exclusivity group: some of them are coupled there by another mapping`,
      { data: { mappingId, localGroup, remoteGroup } },
    )
  }
}

export async function regroupMappings(tx: Executor, pair: Pair): Promise<void> {
  for (const { id, definition } of await listMappings(tx, pair.id)) {
    const groups = groupsOf(pair, definition)
    await tx
      .update(tableMapping)
      .set({ ...groups, updatedAt: clock })
      .where(and(eq(tableMapping.id, id)))
    await moveCouplings(tx, id, groups)
  }
}
