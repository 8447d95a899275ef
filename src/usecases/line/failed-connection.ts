import { SyncError } from '../../core/errors.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'

/** Which connection an error comes from: two connections of a mapping fail with the same codes. */
const failedAt = new WeakMap<SyncError, number>()

/** Does something over a connection; an error that comes from there can be told by `findFailedConnection`. */
export async function overConnection<T>(connectionId: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SyncError) failedAt.set(error, connectionId)
    throw error
  }
}

/** The connection over which an error, or what has caused it, came; null: over none. */
export function findFailedConnection(error: unknown): number | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const found = cause instanceof SyncError ? failedAt.get(cause) : undefined
    if (found !== undefined) return found
  }
  return null
}

/** The same table, its errors marked. */
export function markedTable(connectionId: number, table: ConnectedTable): ConnectedTable {
  return new Proxy(table, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name, object)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => overConnection(connectionId, async () => member.apply(object, args))
    },
  })
}
