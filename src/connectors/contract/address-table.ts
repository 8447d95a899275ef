import { SyncError } from '../../core/errors.ts'
import { assertFields } from '../../core/mapping/assert-fields.ts'
import { modifiedFieldMissing } from '../../core/mapping/modified-field.ts'
import type { TableSchema } from '../../core/mapping/schema.ts'
import type { TableAddress } from '../../core/ports/connector.ts'

/**
 * The schema as a mapping addresses the table. Throws FIELD_NOT_FOUND, KEY_NOT_FOUND (the named fields do not make a
 * record unique) and MODIFIED_FIELD_MISSING.
 */
export function addressTable(schema: TableSchema, address: TableAddress): TableSchema {
  const { table, keyFields, modifiedField } = schema
  const asked = address.keyFields ?? keyFields
  assertFields(schema, [...asked, ...(address.versionField === undefined ? [] : [address.versionField])])
  if (asked.some((field) => !keyFields.includes(field)))
    throw new SyncError('KEY_NOT_FOUND', `Table ${table} is not unique by ${asked.join(', ')}`)
  const modified = address.modifiedField ?? modifiedField
  if (modified === null || schema.fields.has(modified)) return { ...schema, modifiedField: modified }
  throw modifiedFieldMissing(table, modified, undefined)
}
