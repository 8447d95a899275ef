import { baseCurrencyId } from '../schemas/crm-tables.ts'
import { phone, slug, streetAddress, uniqueCompany } from './customers.ts'
import type { Random } from './random.ts'
import { decimal, type Row } from './row.ts'
import type { DemoSize } from './size.ts'
import { firstNames, type Place, places, surnames } from './words.ts'

/** Ids of remote records that accounts refer to. */
export interface RemoteMasters {
  readonly users: readonly [string, ...string[]]
  /** By ISO code. */
  readonly currencies: ReadonlyMap<string, string>
}

/** Position of the account whose name does not fit into the local name (problems.ts). */
export const tooLongNameAt = 4
const tooLongName =
  'The Amalgamated Furniture, Timber, Carpet, Lighting and Interior Decoration Trading Company of Northern Jutland Holding'

export interface AccountRow extends Row {
  readonly accountid: string
  readonly name: string
}

/** Accounts that only the remote side has, and a few that take no part because they are inactive or no customers. */
export function buildAccounts(
  random: Random,
  size: DemoSize,
  masters: RemoteMasters,
): { customers: AccountRow[]; others: AccountRow[] } {
  const names = new Set<string>()
  const account = (index: number): AccountRow => {
    const at = random.pick(places)
    const name = index === tooLongNameAt ? tooLongName : uniqueCompany(random, names, at)
    return accountRow(random, masters, at, name, `crm${index + 1}`)
  }
  const customers = Array.from({ length: size.remoteAccounts }, (_, index) => account(index))
  const others = Array.from({ length: 10 }, (_, index) => ({
    ...account(size.remoteAccounts + index),
    ...(index % 2 === 0 ? { customertypecode: 10 } : { statecode: 1, statuscode: 2 }),
  }))
  return { customers, others }
}

function accountRow(
  random: Random,
  masters: RemoteMasters,
  at: Place,
  name: string,
  mark: string,
): AccountRow {
  return {
    accountid: random.uuid(),
    name,
    customertypecode: 3,
    owneridtype: 'systemuser',
    ownerid: random.pick(masters.users),
    transactioncurrencyid: masters.currencies.get(at.currency) ?? baseCurrencyId,
    ...crmAddress(random, at),
    emailaddress1: `office@${slug(name)}-${mark}.example`,
    telephone1: phone(random, at),
    websiteurl: random.chance(0.5) ? `https://${slug(name)}.example` : null,
    paymenttermscode: random.pick([null, 1, 2, 3, 4]),
    address1_freighttermscode: random.pick([null, 1, 2]),
    address1_shippingmethodcode: random.pick([null, 2, 3, 4]),
    creditlimit: random.chance(0.4) ? decimal(random.between(1, 90) * 1_000_000) : null,
    statecode: 0,
    statuscode: 1,
  }
}

/** Contacts that only the remote side has, spread over the accounts that only it has. */
export function buildAccountContacts(
  random: Random,
  size: DemoSize,
  masters: RemoteMasters,
  accounts: readonly AccountRow[],
): Row[] {
  return Array.from({ length: size.remoteContacts }, (_, index) => {
    const account = accounts[index % accounts.length]
    const [first, last] = [random.pick(firstNames), random.pick(surnames)]
    const at = random.pick(places)
    return {
      contactid: random.uuid(),
      firstname: first,
      lastname: last,
      parentcustomerid: account?.accountid ?? null,
      parentcustomeridtype: 'account',
      owneridtype: 'systemuser',
      ownerid: random.pick(masters.users),
      transactioncurrencyid: baseCurrencyId,
      ...crmAddress(random, at),
      emailaddress1: `${slug(first)}.${slug(last)}.crm${index + 1}@contacts.example`,
      mobilephone: phone(random, at),
    }
  })
}

/** People at the remote side write countries as they like; the local side keeps ten characters in capitals. */
function crmAddress(random: Random, at: Place) {
  return {
    address1_line1: streetAddress(random),
    address1_line2: random.chance(0.1) ? `Building ${random.pick(['A', 'B', 'C'])}` : null,
    address1_postalcode: at.postCode,
    address1_city: at.city,
    address1_stateorprovince: at.county || null,
    address1_country: random.chance(0.1) ? at.countryName : at.country,
  }
}
