import { hash } from 'node:crypto'
import type { TableSnapshot } from '../snapshot.ts'
import type { AdminRecord } from './admin.ts'
import type { DynamicsSystems } from './systems.ts'

const localTables = [
  'currency',
  'salesperson',
  'unitOfMeasure',
  'customer',
  'vendor',
  'contact',
  'resource',
  'item',
]
const remoteTables = [
  'transactioncurrency',
  'systemuser',
  'uomschedule',
  'uom',
  'account',
  'contact',
  'product',
]

/** Columns that a write changes, whatever it writes. */
const writeColumns = new Set([
  'systemCreatedAt',
  'lastModifiedDateTime',
  'lastDateModified',
  'createdon',
  'modifiedon',
  'modifiedby',
  'versionnumber',
])

/** All tables that mappings write; two equal snapshots prove that nothing was written in between. */
export async function snapshotSystems({ local, remote }: DynamicsSystems): Promise<readonly TableSnapshot[]> {
  const snapshots: TableSnapshot[] = []
  for (const table of localTables) snapshots.push(snapshotOf(table, await local.admin.readAll(table)))
  for (const table of remoteTables) snapshots.push(snapshotOf(table, await remote.admin.readAll(table)))
  return snapshots
}

function snapshotOf(table: string, records: readonly AdminRecord[]): TableSnapshot {
  const content = records.map((record) =>
    Object.entries(record).filter(([column]) => !writeColumns.has(column)),
  )
  const digest = (value: unknown) => hash('sha1', JSON.stringify(value), 'hex')
  return { table, rows: records.length, content: digest(content), writes: digest(records) }
}
