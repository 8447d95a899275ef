import { SyncError } from '../errors.ts'

/** SCHEDULE_EXISTS: it should have been a new one. */
export function scheduleExists(name: string): SyncError {
  return new SyncError('SCHEDULE_EXISTS', `There is a schedule named '${name}' already`, { data: { name } })
}

/** SCHEDULE_UNKNOWN: there should have been one. */
export function scheduleUnknown(name: string): SyncError {
  return new SyncError('SCHEDULE_UNKNOWN', `There is no schedule named '${name}'`, { data: { name } })
}
