import type { BoundFilter } from '../../core/mapping/filter.ts'
import type {
  ChangePage,
  ConnectedTable,
  RecordSnapshot,
  WriteOperation,
  WriteResult,
} from '../../core/ports/connector.ts'
import type { Value, Values } from '../../core/values/value.ts'
import type { ContractSystem, ContractTable } from './harness.ts'

export const signal: AbortSignal = new AbortController().signal

let tables = 0
export function uniqueTable(name: string): string {
  tables += 1
  return `${name} ${tables}`
}

/** Customers with a code as key and a time of change. */
export function customers(): ContractTable & { readonly stampedField: string } {
  return {
    table: uniqueTable('Customer'),
    fields: [
      { name: 'No.', type: { kind: 'code', maxLength: 20 } },
      { name: 'Name', type: { kind: 'text', maxLength: 30 } },
      { name: 'E-Mail', type: { kind: 'text', maxLength: null } },
      { name: 'Balance', type: { kind: 'decimal', precision: null, scale: null } },
      { name: 'modified', type: { kind: 'instant' } },
    ],
    keyFields: ['No.'],
    stampedField: 'modified',
  }
}

export function customer(number: string, values: Values = {}): Values {
  return { 'No.': `text:${number}`, Name: `text:Customer ${number}`, ...values }
}

export async function open(system: ContractSystem, table: ContractTable): Promise<ConnectedTable> {
  await system.addTable(table)
  return system.connector.openTable({ table: table.table, modifiedField: table.stampedField }, signal)
}

export function mayWrite(): void {}

export async function write(
  table: ConnectedTable,
  operations: readonly WriteOperation[],
  returning: readonly string[] = [],
): Promise<readonly WriteResult[]> {
  const results = await table.write({ operations, returning, assertMaySend: mayWrite, signal })
  return results.map((result) => ('record' in result ? { ...result, record: whole(result.record) } : result))
}

/** The record with its values, whenever the connector computes them: what `toEqual` can compare. */
function whole({ key, version, modifiedAt, values }: RecordSnapshot): RecordSnapshot {
  return { key, version, modifiedAt, values }
}

/** The record of a written or existing result; fails the test for every other result. */
export function recordOf(result: WriteResult | undefined): RecordSnapshot {
  if (result && 'record' in result) return result.record
  throw new Error(`No record: ${JSON.stringify(result)}`)
}

export function insertOf(values: Values, key: string | null, token = `token ${key}`): WriteOperation {
  return { kind: 'insert', token, key, values }
}

/** All pages by key. */
export async function readAll(
  table: ConnectedTable,
  fields: readonly string[] = [],
  filter: BoundFilter | null = null,
  limit = 1_000,
): Promise<readonly RecordSnapshot[]> {
  const records: RecordSnapshot[] = []
  for (let cursor: string | null = null, pages = 0; pages < 1_000; pages += 1) {
    const page = await table.readAll({ fields, filter, cursor, limit, signal })
    if (page.records.length > limit) throw new Error('A page is longer than its limit')
    records.push(...page.records.map(whole))
    cursor = page.next
    if (cursor === null) return records
  }
  throw new Error('The pass does not end')
}

export interface Pass {
  readonly pages: readonly ChangePage[]
  readonly keys: readonly string[]
  /** The last page's. */
  readonly watermark: string
}

/** One pass over the changes; `between` runs after each page. */
export async function readPass(
  table: ConnectedTable,
  options: {
    readonly watermark?: string | null
    readonly limit?: number
    readonly fields?: readonly string[]
    readonly filter?: BoundFilter | null
    readonly between?: (page: ChangePage, number: number) => Promise<void>
  } = {},
): Promise<Pass> {
  const pages: ChangePage[] = []
  for (let cursor: string | null = null; pages.length < 200; ) {
    const page = await table.readChanges({
      watermark: options.watermark ?? null,
      fields: options.fields ?? [],
      filter: options.filter ?? null,
      cursor,
      limit: options.limit ?? 1_000,
      signal,
    })
    pages.push(page)
    await options.between?.(page, pages.length)
    cursor = page.next
    if (cursor === null) {
      const keys = pages.flatMap((each) => each.records.map((record) => record.key))
      return { pages, keys, watermark: page.watermark }
    }
  }
  throw new Error('The pass does not end')
}

export function sorted(keys: Iterable<string>): readonly string[] {
  return [...keys].sort()
}

export function numbers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1).padStart(3, '0'))
}

export function at(time: string): Value {
  return `instant:${time}`
}
