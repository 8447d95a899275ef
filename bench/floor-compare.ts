import { arrayLiteral } from '../src/lib/array-literal.ts'
import { localFields, remoteFields } from './customers.ts'
import { FIRST_FIELD, type Floor, type Row, rows, sourcePages } from './floor.ts'

export interface Comparison {
  readonly read: number
  readonly same: number
}

/**
 * The full synchronization when nothing has changed: both sides and the couplings are read in pages, versions and
 * values are compared. Nothing has to be written.
 */
export async function floorCompare(floor: Floor, pageSize: number): Promise<Comparison> {
  let read = 0
  let same = 0
  for await (const page of sourcePages(floor, pageSize)) {
    const couplings = await readCouplings(floor, page)
    const accounts = await readAccounts(floor, [...couplings.values()])
    for (const row of page) {
      const coupling = couplings.get(row[0] ?? '')
      const account = accounts.get(coupling?.[1] ?? '')
      if (coupling && account && isSame(row, coupling, account)) same += 1
    }
    read += page.length
  }
  return { read, same }
}

async function readCouplings(floor: Floor, page: readonly Row[]): Promise<ReadonlyMap<string, Row>> {
  const text = `SELECT local_key, remote_key, local_version, remote_version FROM floor.coupling
    WHERE local_key = ANY ($1::text[]) AND local_group = 'customer'`
  const found = await rows(floor.writer, 'couplings', text, [arrayLiteral(page.map((row) => row[0] ?? null))])
  return new Map(found.map((row) => [row[0] ?? '', row]))
}

async function readAccounts(floor: Floor, couplings: readonly Row[]): Promise<ReadonlyMap<string, Row>> {
  const text = `SELECT accountid, xmin::text || '/' || ctid::text, modifiedon, ${remoteFields.join(', ')}
    FROM floor.account WHERE accountid = ANY ($1::uuid[])`
  const found = await rows(floor.writer, 'accounts', text, [
    arrayLiteral(couplings.map((row) => row[1] ?? null)),
  ])
  return new Map(found.map((row) => [row[0] ?? '', row]))
}

/** Two more decimals on the other side are the same number. */
function isSame(customer: Row, coupling: Row, account: Row): boolean {
  if (customer[1] !== coupling[2] || account[1] !== coupling[3]) return false
  return localFields.every((_, index) => {
    const ours = customer[FIRST_FIELD + index]
    const theirs = account[FIRST_FIELD + index]
    return ours === theirs || (theirs?.endsWith('00') && theirs.slice(0, -2) === ours)
  })
}
