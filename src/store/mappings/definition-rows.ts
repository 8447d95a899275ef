import { FieldMapping, MappingDefinition, type SideDefinition } from '../../core/mapping/definition.ts'
import { parseFilter, printFilter } from '../../core/mapping/filter-text.ts'
import type { MappingHead, StoredSide } from '../json.ts'
import type { fieldMapping } from '../schema/field-mapping.ts'

type FieldRow = Omit<typeof fieldMapping.$inferInsert, 'mappingId' | 'version'>

/** The field mappings of a definition as rows; `toDefinition` gives them back unchanged. */
export function toFieldRows(fields: readonly FieldMapping[]): FieldRow[] {
  return fields.map(({ reference, match, ...field }, position) => ({
    ...field,
    position,
    referenceMapping: reference?.mapping,
    referenceDeferred: reference?.deferred,
    remoteWhenLocalBlank: reference?.remoteWhenLocalBlank,
    remoteWhenNotCoupled: reference?.remoteWhenNotCoupled,
    matchPriority: match?.priority,
    matchCaseSensitive: match?.caseSensitive,
    matchNormalise: match?.normalise,
  }))
}

/** A definition without its field mappings, the filters as expressions; `toDefinition` gives it back unchanged. */
export function toHead({ fields: _fields, local, remote, ...head }: MappingDefinition): MappingHead {
  return { ...head, local: toStoredSide(local), remote: toStoredSide(remote) }
}

/** A text that is no filter, or not in its one spelling, is kept as it is: what is read must be what was saved. */
function toStoredSide({ filter, ...side }: SideDefinition): StoredSide {
  if (filter === undefined) return side
  const parsed = filter.trim() === '' ? null : parseFilter(filter)
  return { ...side, filter: parsed?.ok && printFilter(parsed.filter) === filter ? parsed.filter : filter }
}

function toSide({ filter, ...side }: StoredSide): SideDefinition {
  if (filter === undefined) return side
  return { ...side, filter: typeof filter === 'string' ? filter : printFilter(filter) }
}

/** The definition that was saved; throws when rows and code no longer fit each other. */
export function toDefinition(
  head: MappingHead,
  rows: readonly (typeof fieldMapping.$inferSelect)[],
): MappingDefinition {
  const sides = { local: toSide(head.local), remote: toSide(head.remote) }
  return MappingDefinition.parse({ ...head, ...sides, fields: rows.map(toField) })
}

function toField(row: typeof fieldMapping.$inferSelect): FieldMapping {
  const {
    mappingId: _mapping,
    version: _version,
    position: _position,
    referenceMapping,
    referenceDeferred,
    remoteWhenLocalBlank,
    remoteWhenNotCoupled,
    matchPriority,
    matchCaseSensitive,
    matchNormalise,
    ...plain
  } = row
  const reference = referenceMapping && {
    mapping: referenceMapping,
    deferred: referenceDeferred,
    remoteWhenLocalBlank,
    remoteWhenNotCoupled,
  }
  const match = matchPriority !== null && {
    priority: matchPriority,
    caseSensitive: matchCaseSensitive,
    normalise: matchNormalise,
  }
  return FieldMapping.parse(
    withoutNulls({
      ...plain,
      reference: reference ? withoutNulls(reference) : null,
      match: match ? withoutNulls(match) : null,
    }),
  )
}

function withoutNulls(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}
