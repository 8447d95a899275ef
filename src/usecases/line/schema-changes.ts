import { SyncError } from '../../core/errors.ts'
import type { MappingDefinition, Side } from '../../core/mapping/definition.ts'
import { mappedFields } from '../../core/mapping/mapped-fields.ts'
import {
  findSchemaChanges,
  judgeSchemaChanges,
  type KnownSchema,
  type SchemaChange,
  toKnownSchema,
} from '../../core/mapping/schema-drift.ts'
import type { Schemas } from '../../core/mapping/validate-types.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { Run } from '../../core/sync/run.ts'
import { canonicalText } from '../../lib/canonical-text.ts'
import type { Deps } from '../deps.ts'
import type { LeaseKeeper } from './lease-keeper.ts'

const sides = ['local', 'remote'] as const satisfies readonly Side[]

/**
 * Compares both tables with what they looked like last, before anything is read from them. Throws SCHEMA_CHANGED when
 * the policy of the mapping is to stop then: watermarks, requests and issues stay as they are, so that nothing is lost. What
 * is only to be told is written to the audit log, and the tables are remembered as they are now. A preview remembers nothing.
 */
export async function checkSchemas(
  deps: Pick<Deps, 'stores' | 'log' | 'processName'>,
  { run, stored, lease }: { readonly run: Run; readonly stored: StoredMapping; readonly lease: LeaseKeeper },
  schemas: Schemas,
): Promise<void> {
  const { definition, id } = stored
  const before = await deps.stores.mappings.findKnownSchemas(id)
  const now = toKnownSchemas(schemas)
  const { stopping, told } = judgeSchemaChanges(definition.schemaChanges, changesOf(definition, before, now))
  if (stopping.length > 0) {
    const message = `Mapping ${definition.name}: its tables are not as they were: ${describe(definition, stopping)}`
    throw new SyncError('SCHEMA_CHANGED', message, { data: { mapping: definition.name } })
  }
  if (run.options.dryRun || canonicalText(before) === canonicalText(now)) return
  if (told.length > 0) {
    const text = describe(definition, told)
    deps.log.warn({ run: run.id, mapping: definition.name }, `The tables of a mapping have changed: ${text}`)
    const subject = `mapping/${id}`
    const detail = { changes: text, run: run.id }
    await deps.stores.operations.appendAudit({
      actor: deps.processName,
      action: 'schema-changed',
      subject,
      detail,
    })
  }
  await deps.stores.mappings.saveKnownSchemas(id, now, lease.fence)
}

/** What is to be remembered of both tables. */
export function toKnownSchemas(schemas: Schemas): Readonly<Record<Side, KnownSchema>> {
  return { local: toKnownSchema(schemas.local), remote: toKnownSchema(schemas.remote) }
}

type PlacedChange = SchemaChange & { readonly side: Side }

function changesOf(
  definition: MappingDefinition,
  before: Readonly<Record<Side, KnownSchema | null>>,
  now: Readonly<Record<Side, KnownSchema>>,
): readonly PlacedChange[] {
  return sides.flatMap((side) => {
    const known = before[side]
    if (known === null) return []
    const changes = findSchemaChanges(known, now[side], mappedFields(definition, side))
    return changes.map((change) => ({ ...change, side }))
  })
}

function describe(definition: MappingDefinition, changes: readonly PlacedChange[]): string {
  return changes
    .map(({ side, field, text }) => `${side} ${definition[side].table}.${field} ${text}`)
    .join('; ')
}
