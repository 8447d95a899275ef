import type { z } from 'zod'
import { MappingDefinition } from '../../src/core/mapping/definition.ts'
import type { FieldSchema, FieldType, TableSchema } from '../../src/core/mapping/schema.ts'

/** A valid bidirectional mapping with one field, changed as the test needs it; defaults filled in as from a file. */
export function definitionOf(changes: Partial<z.input<typeof MappingDefinition>> = {}): MappingDefinition {
  return MappingDefinition.parse({
    name: 'CUSTOMER',
    direction: 'Bidirectional',
    local: { table: 'customer' },
    remote: { table: 'account' },
    fields: [{ local: 'name', remote: 'name' }],
    ...changes,
  })
}

export const textType = (maxLength: number | null = null): FieldType => ({ kind: 'text', maxLength })

/** A field as most are: nullable, writable, without default. */
export function fieldOf(name: string, type: FieldType, changes: Partial<FieldSchema> = {}): FieldSchema {
  return { name, type, nullable: true, writable: true, hasDefault: false, ...changes }
}

/** A table with a uuid key `id`, a modified field `modified`, and the given fields. */
export function schemaOf(fields: readonly FieldSchema[], changes: Partial<TableSchema> = {}): TableSchema {
  const all = [
    fieldOf('id', { kind: 'uuid' }, { nullable: false }),
    fieldOf('modified', { kind: 'instant' }, { nullable: false, hasDefault: true }),
    ...fields,
  ]
  return {
    table: 'some_table',
    fields: new Map(all.map((field) => [field.name, field])),
    keyFields: ['id'],
    creation: 'given',
    modifiedField: 'modified',
    exactVersions: true,
    maxServerRunMs: 0,
    estimatedRows: null,
    ...changes,
  }
}
