import type { Client } from 'pg'
import { SyncError } from '../core/errors.ts'
import { inTransaction } from './database.ts'
import { unknownCurrency, unmappedPaymentTerms } from './records/customers.ts'
import { formerSalesperson } from './records/masters.ts'
import { createRandom, type Random } from './records/random.ts'
import { firstNames, streets, surnames } from './records/words.ts'

/** How many records are edited where. */
interface EditCounts {
  /** Customers whose phone number and address change locally. */
  readonly customers: number
  /** Accounts of other customers whose phone number and street change remotely. */
  readonly accounts: number
  /** Customers with a new phone number locally and a new street remotely. */
  readonly bothSides: number
  /** Items with a new price. */
  readonly items: number
  /** Persons added locally. */
  readonly newContacts: number
}

export const demoEdits: EditCounts = { customers: 25, accounts: 15, bothSides: 5, items: 3, newContacts: 2 }

export interface EditOptions {
  readonly localUrl: string
  readonly remoteUrl: string
  /** Each seed makes other phone numbers and streets. */
  readonly seed?: number
  readonly counts?: EditCounts
}

/** What was edited, and exactly what a synchronization has to carry because of it. */
export interface EditReport {
  readonly customers: readonly string[]
  readonly accounts: readonly string[]
  readonly bothSides: readonly string[]
  readonly items: readonly string[]
  readonly newContacts: readonly string[]
  readonly expected: {
    /** Records written by it, by table. */
    readonly remote: { readonly account: number; readonly product: number; readonly newContacts: number }
    readonly local: { readonly customer: number }
  }
}

interface Edited {
  readonly no: string
  readonly mail: string
}

/**
 * What people do on both sides between two synchronizations: no field is edited on both sides, so nothing conflicts.
 * The demo must have been synchronized before; throws RECORD_NOT_FOUND otherwise.
 */
export async function editBothSides(options: EditOptions): Promise<EditReport> {
  const counts = options.counts ?? demoEdits
  const random = createRandom(options.seed ?? 1)
  const local = await inTransaction(options.localUrl, (client) => editLocal(client, counts, random))
  const moved = [...local.forAccounts, ...local.bothSides]
  await inTransaction(options.remoteUrl, (client) => editRemote(client, local, random))
  return {
    customers: local.customers.map((each) => each.no),
    accounts: local.forAccounts.map((each) => each.no),
    bothSides: local.bothSides.map((each) => each.no),
    items: local.items,
    newContacts: local.newContacts,
    expected: {
      remote: {
        account: counts.customers + counts.bothSides,
        product: counts.items,
        newContacts: counts.newContacts,
      },
      local: { customer: moved.length },
    },
  }
}

interface LocalEdits {
  readonly customers: readonly Edited[]
  readonly forAccounts: readonly Edited[]
  readonly bothSides: readonly Edited[]
  readonly items: readonly string[]
  readonly newContacts: readonly string[]
}

async function editLocal(client: Client, counts: EditCounts, random: Random): Promise<LocalEdits> {
  const chosen = await chooseCustomers(client, counts.customers + counts.accounts + counts.bothSides)
  const customers = chosen.slice(0, counts.customers)
  const bothSides = chosen.slice(counts.customers, counts.customers + counts.bothSides)
  for (const { no } of customers) {
    await changeOne(client, 'update nav.customer set phone_no = $2, address = $3 where no = $1', [
      no,
      newPhone(random),
      newStreet(random),
    ])
  }
  for (const { no } of bothSides) {
    await changeOne(client, 'update nav.customer set phone_no = $2 where no = $1', [no, newPhone(random)])
  }
  return {
    customers,
    bothSides,
    forAccounts: chosen.slice(counts.customers + counts.bothSides),
    items: await raisePrices(client, counts.items),
    newContacts: await addContacts(client, customers.slice(0, counts.newContacts), random),
  }
}

/** Coupled customers, picked evenly over the table; always the same ones. */
async function chooseCustomers(client: Client, count: number): Promise<Edited[]> {
  const { rows } = await client.query<Edited>(
    `select no, e_mail as mail from (
       select no, e_mail, row_number() over (order by no) as position, count(*) over () as total
       from nav.customer
       where no like 'C%' and e_mail like 'info@%' and blocked = '' and salesperson_code <> $2
         and payment_terms_code <> $3 and currency_code <> $4
     ) as healthy
     where position % greatest(1, total / $1) = 0 order by no limit $1`,
    [count, formerSalesperson, unmappedPaymentTerms, unknownCurrency],
  )
  if (rows.length === count) return rows
  throw new SyncError(
    'RECORD_NOT_FOUND',
    `The demo has ${rows.length} customers to edit, ${count} are needed`,
  )
}

async function raisePrices(client: Client, count: number): Promise<string[]> {
  const { rows } = await client.query<{ no: string }>(
    `update nav.item set unit_price = unit_price + 10
     where no in (select no from nav.item where not blocked and no like '1%' and no < '1005' order by no limit $1)
     returning no`,
    [count],
  )
  return rows.map((row) => row.no).sort()
}

/** Their numbers come from the number series. */
async function addContacts(client: Client, companies: readonly Edited[], random: Random): Promise<string[]> {
  const numbers: string[] = []
  for (const company of companies) {
    const [first, last] = [random.pick(firstNames), random.pick(surnames)]
    const { rows } = await client.query<{ no: string }>(
      `insert into nav.contact (type, company_no, first_name, surname, phone_no)
       values ('Person', $1, $2, $3, $4) returning no`,
      [company.no, first, last, newPhone(random)],
    )
    numbers.push(...rows.map((row) => row.no))
  }
  return numbers
}

async function editRemote(client: Client, local: LocalEdits, random: Random): Promise<void> {
  for (const { mail } of local.forAccounts) {
    await changeOne(
      client,
      'update crm.account set telephone1 = $2, address1_line1 = $3 where emailaddress1 = $1',
      [mail, newPhone(random), newStreet(random)],
    )
  }
  for (const { mail } of local.bothSides) {
    await changeOne(client, 'update crm.account set address1_line1 = $2 where emailaddress1 = $1', [
      mail,
      newStreet(random),
    ])
  }
}

async function changeOne(client: Client, statement: string, values: readonly string[]): Promise<void> {
  const { rowCount } = await client.query(statement, [...values])
  if (rowCount === 1) return
  throw new SyncError('RECORD_NOT_FOUND', `The demo has no record ${values[0]} to edit: synchronize it first`)
}

export function newPhone(random: Random): string {
  return `+45 70 ${random.digits(6)}`
}

export function newStreet(random: Random): string {
  return `${random.pick(streets)} ${random.between(300, 999)}, 2nd floor`
}
