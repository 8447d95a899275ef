import type { TableSchema } from '../../core/mapping/schema.ts'
import type { Deps } from '../deps.ts'
import { getConnection } from './connections.ts'

/** What a table looks like. Throws CONNECTION_UNKNOWN, TABLE_NOT_FOUND, and what the connector throws. */
export async function readTable(
  connection: string,
  table: string,
  signal: AbortSignal,
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<TableSchema> {
  const connector = await deps.connect(await getConnection(connection, deps))
  const { schema } = await connector.openTable({ table }, signal)
  // A mapping calls the table as it is called here, not as the system writes its name in full.
  return { ...schema, table }
}
