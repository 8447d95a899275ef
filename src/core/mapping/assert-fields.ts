import { SyncError } from '../errors.ts'
import type { TableSchema } from './schema.ts'

/** Throws FIELD_NOT_FOUND, naming table and field, for the first name the table does not have. */
export function assertFields(schema: Pick<TableSchema, 'table' | 'fields'>, names: Iterable<string>): void {
  for (const name of names) {
    if (schema.fields.has(name)) continue
    throw new SyncError('FIELD_NOT_FOUND', `Table ${schema.table} has no field ${name}`, {
      data: { table: schema.table, field: name },
    })
  }
}
