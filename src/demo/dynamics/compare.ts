import { indexBy } from '../../lib/group.ts'
import { type AdminRecord, textOf } from './admin.ts'
import { hasLongName, isLeftBehind, isOpen } from './contents.ts'
import type { DynamicsSystems } from './systems.ts'

/** How many pairs of records were looked at, and what is wrong with which. */
export interface Comparison {
  readonly what: string
  readonly equal: number
  readonly wrong: readonly string[]
}

/**
 * Looks into both systems, past Couplet, for what must be equal at the end: every customer and its account, every person
 * and its contact, every item and its product, found by what people know them by.
 */
export async function compareSystems({ local, remote }: DynamicsSystems): Promise<readonly Comparison[]> {
  const customers = (await local.admin.readAll('customer')).filter((record) => !isLeftBehind(record))
  const accounts = (await remote.admin.readAll('account')).filter(
    (record) => record['customertypecode'] === 3 && !hasLongName(record),
  )
  const items = (await local.admin.readAll('item')).filter(isOpen)
  const products = (await remote.admin.readAll('product')).filter((record) => record['producttypecode'] === 1)
  return [
    compare('Customers and their accounts', customers, accounts, {
      key: ['email', 'emailaddress1'],
      equal: [
        ['displayName', 'name'],
        ['addressLine1', 'address1_line1'],
        ['city', 'address1_city'],
        ['phoneNumber', 'telephone1'],
        ['contactName', 'address1_primarycontactname'],
      ],
    }),
    await comparePersons({ local, remote }, customers, accounts),
    compare('Items and their products', items, products, {
      key: ['number', 'productnumber'],
      equal: [['displayName', 'name']],
    }),
  ]
}

async function comparePersons(
  { local, remote }: Pick<DynamicsSystems, 'local' | 'remote'>,
  customers: readonly AdminRecord[],
  accounts: readonly AdminRecord[],
): Promise<Comparison> {
  const numbers = new Set(customers.map((record) => textOf(record, 'number')))
  const companies = new Set(accounts.map((record) => textOf(record, 'accountid')))
  const persons = (await local.admin.readAll('contact')).filter(
    (record) => record['type'] === 'Person' && numbers.has(textOf(record, 'customerNumber')),
  )
  const contacts = (await remote.admin.readAll('contact')).filter((record) =>
    companies.has(textOf(record, 'parentcustomerid')),
  )
  const byMail = (records: readonly AdminRecord[], mail: string) =>
    records.filter((record) => textOf(record, mail) !== '')
  return compare('Persons and their contacts', byMail(persons, 'email'), byMail(contacts, 'emailaddress1'), {
    key: ['email', 'emailaddress1'],
    equal: [
      ['firstName', 'firstname'],
      ['surname', 'lastname'],
      ['mobilePhoneNumber', 'mobilephone'],
    ],
  })
}

type Columns = readonly [local: string, remote: string]

function compare(
  what: string,
  locals: readonly AdminRecord[],
  remotes: readonly AdminRecord[],
  { key: [localKey, remoteKey], equal }: { readonly key: Columns; readonly equal: readonly Columns[] },
): Comparison {
  const partners = indexBy(remotes, (record) => textOf(record, remoteKey))
  const wrong = locals.flatMap((record) => {
    const name = textOf(record, localKey)
    const partner = partners.get(name)
    if (!partner) return [`${name} is missing in Dataverse`]
    const differing = equal.filter(([mine, theirs]) => textOf(record, mine) !== textOf(partner, theirs))
    return differing.map(([mine]) => `${name} differs in ${mine}`)
  })
  const known = new Set(locals.map((record) => textOf(record, localKey)))
  const alone = remotes.map((record) => textOf(record, remoteKey)).filter((name) => !known.has(name))
  const twice = remotes.length - partners.size
  return {
    what,
    equal: locals.length - wrong.length,
    wrong: [
      ...wrong,
      ...alone.map((name) => `${name} is missing in Business Central`),
      ...(twice > 0 ? [`${twice} are there twice in Dataverse`] : []),
    ],
  }
}
