import type { JobDirection } from '../core/mapping/definition.ts'
import type { DemoProblem } from './problems.ts'
import type { DemoRecords } from './records/records.ts'

/** What the first full synchronization of a fresh demo does with the records of one source table. */
export interface ExpectedJob {
  readonly mapping: string
  readonly direction: JobDirection
  /** Records created on the other side. */
  readonly inserted: number
  /** Records that find their partner by match fields; where other fields differ, these are brought over too. */
  readonly matched: number
  readonly failed: number
  readonly waiting: number
}

/** One entry per mapping and direction in the order of a full synchronization. */
export function expectedFirstRun(
  records: DemoRecords,
  problems: readonly DemoProblem[],
): readonly ExpectedJob[] {
  const job = (mapping: string, direction: JobDirection, sources: number, matched: number): ExpectedJob => {
    const failed = countOf(problems, mapping, direction, 'failed')
    const waiting = countOf(problems, mapping, direction, 'waiting')
    return { mapping, direction, inserted: sources - matched - failed - waiting, matched, failed, waiting }
  }
  const { currencies, salespeople, units, products } = records
  const users = salespeople.crm.filter((user) => user['isdisabled'] === false && user['islicensed'] === true)
  // All local salespeople have a user, except the former one.
  const matchedUsers = salespeople.nav.length - 1
  const open = (rows: readonly { readonly blocked: boolean | string }[]): number =>
    rows.filter((row) => row.blocked === false || row.blocked === '').length
  return [
    job('CURRENCY', 'to', currencies.nav.length, currencies.crm.length),
    job('SALESPEOPLE', 'from', users.length, matchedUsers),
    job('UNIT OF MEASURE', 'to', units.nav.length, units.crm.length),
    job('CUSTOMER', 'to', open(records.customers), 0),
    job('CUSTOMER', 'from', records.accounts.length, 0),
    job('CONTACT', 'to', records.contacts.length, 0),
    job('CONTACT', 'from', records.accountContacts.length, 0),
    job('RESOURCE-PRODUCT', 'to', open(records.resources), products.resources.length),
    job('ITEM-PRODUCT', 'to', open(records.items), products.items.length),
    job('ITEM-PRODUCT', 'from', products.own.length, 0),
  ]
}

function countOf(
  problems: readonly DemoProblem[],
  mapping: string,
  direction: JobDirection,
  outcome: DemoProblem['outcome'],
): number {
  return problems
    .filter((each) => each.mapping === mapping && each.direction === direction && each.outcome === outcome)
    .reduce((sum, each) => sum + each.records.length, 0)
}
