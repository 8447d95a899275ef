import { SyncError } from '../errors.ts'

/** MODIFIED_FIELD_MISSING: the field a mapping names does not tell when a record was changed. `type`: undefined where there is no such field. */
export function modifiedFieldMissing(table: string, field: string, type: string | undefined): SyncError {
  const reason = type === undefined ? 'does not exist' : `is of type ${type}, not a time`
  return new SyncError('MODIFIED_FIELD_MISSING', `Table ${table}: modified field "${field}" ${reason}`, {
    data: { table, field },
  })
}
