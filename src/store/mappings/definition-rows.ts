import { FieldMapping, MappingDefinition } from '../../core/mapping/definition.ts'
import type { MappingHead } from '../json.ts'
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
    matchPriority: match?.priority,
    matchCaseSensitive: match?.caseSensitive,
  }))
}

/** The definition that was saved; throws when rows and code no longer fit each other. */
export function toDefinition(
  head: MappingHead,
  rows: readonly (typeof fieldMapping.$inferSelect)[],
): MappingDefinition {
  return MappingDefinition.parse({ ...head, fields: rows.map(toField) })
}

function toField(row: typeof fieldMapping.$inferSelect): FieldMapping {
  const {
    mappingId: _mapping,
    version: _version,
    position: _position,
    referenceMapping,
    referenceDeferred,
    remoteWhenLocalBlank,
    matchPriority,
    matchCaseSensitive,
    ...plain
  } = row
  const reference = referenceMapping && {
    mapping: referenceMapping,
    deferred: referenceDeferred,
    remoteWhenLocalBlank,
  }
  const match = matchPriority !== null && { priority: matchPriority, caseSensitive: matchCaseSensitive }
  return FieldMapping.parse(
    withoutNulls({ ...plain, reference: reference ? withoutNulls(reference) : null, match: match || null }),
  )
}

function withoutNulls(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}
