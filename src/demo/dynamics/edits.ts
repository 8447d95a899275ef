import { SyncError } from '../../core/errors.ts'
import { indexBy } from '../../lib/group.ts'
import { demoEdits, type EditReport, newPhone, newStreet } from '../edits.ts'
import { createRandom, type Random } from '../records/random.ts'
import { firstNames, surnames } from '../records/words.ts'
import { type AdminRecord, textOf } from './admin.ts'
import { isLeftBehind, isOpen } from './contents.ts'
import type { DynamicsSystems } from './systems.ts'

/**
 * What people do in both systems between two synchronizations: no field is edited on both sides, so nothing conflicts.
 * Everything must have been synchronized before; throws RECORD_NOT_FOUND otherwise.
 */
export async function editBothSystems(systems: DynamicsSystems, seed: number): Promise<EditReport> {
  const random = createRandom(seed)
  const { customers: changed, accounts: moved, bothSides: both } = demoEdits
  const chosen = await chooseCustomers(systems, changed + moved + both)
  const customers = chosen.slice(0, changed)
  const bothSides = chosen.slice(changed, changed + both)
  const forAccounts = chosen.slice(changed + both)
  await editCustomers(systems, customers, bothSides, random)
  const items = await raisePrices(systems)
  const newContacts = await addPersons(systems, customers, random)
  await editAccounts(systems, forAccounts, bothSides, random)
  return {
    customers: customers.map(numberOf),
    accounts: forAccounts.map(numberOf),
    bothSides: bothSides.map(numberOf),
    items,
    newContacts,
    expected: {
      remote: { account: changed + both, product: items.length, newContacts: newContacts.length },
      local: { customer: moved + both },
    },
  }
}

const numberOf = (record: AdminRecord): string => textOf(record, 'number')

/** Coupled customers, picked evenly over the table; always the same ones. */
async function chooseCustomers({ local }: DynamicsSystems, count: number): Promise<readonly AdminRecord[]> {
  const all = await local.admin.readAll('customer')
  const healthy = all.filter((record) => !isLeftBehind(record) && /^info@c\d/.test(textOf(record, 'email')))
  const step = Math.max(1, Math.floor(healthy.length / count))
  const chosen = healthy.filter((_, place) => place % step === 0).slice(0, count)
  if (chosen.length === count) return chosen
  throw new SyncError(
    'RECORD_NOT_FOUND',
    `The demo has ${chosen.length} customers to edit, ${count} are needed`,
  )
}

async function editCustomers(
  { local: { admin } }: DynamicsSystems,
  customers: readonly AdminRecord[],
  bothSides: readonly AdminRecord[],
  random: Random,
): Promise<void> {
  for (const customer of customers) {
    const values = { phoneNumber: newPhone(random), addressLine1: newStreet(random) }
    await admin.patch('customer', numberOf(customer), values)
  }
  for (const customer of bothSides)
    await admin.patch('customer', numberOf(customer), { phoneNumber: newPhone(random) })
}

async function raisePrices({ local: { admin } }: DynamicsSystems): Promise<readonly string[]> {
  const items = (await admin.readAll('item')).filter(isOpen).slice(0, demoEdits.items)
  for (const item of items) {
    const hundredths = Math.round(Number(textOf(item, 'unitPrice')) * 100) + 1_000
    await admin.patch('item', numberOf(item), { unitPrice: (hundredths / 100).toFixed(2) })
  }
  return items.map(numberOf)
}

/** Their numbers come from the number series. */
async function addPersons(
  { local: { admin } }: DynamicsSystems,
  customers: readonly AdminRecord[],
  random: Random,
): Promise<readonly string[]> {
  const numbers: string[] = []
  for (const customer of customers.slice(0, demoEdits.newContacts)) {
    const person = await admin.insert('contact', {
      type: 'Person',
      customerNumber: numberOf(customer),
      firstName: random.pick(firstNames),
      surname: random.pick(surnames),
      phoneNumber: newPhone(random),
    })
    numbers.push(numberOf(person))
  }
  return numbers
}

async function editAccounts(
  { remote: { admin } }: DynamicsSystems,
  customers: readonly AdminRecord[],
  bothSides: readonly AdminRecord[],
  random: Random,
): Promise<void> {
  const accounts = indexBy(await admin.readAll('account'), (record) => textOf(record, 'emailaddress1'))
  const edit = async (customer: AdminRecord, values: AdminRecord) => {
    const account = accounts.get(textOf(customer, 'email'))
    if (account) return admin.patch('account', textOf(account, 'accountid'), values)
    const message = `The demo has no account for ${numberOf(customer)} to edit: synchronize it first`
    throw new SyncError('RECORD_NOT_FOUND', message)
  }
  for (const customer of customers)
    await edit(customer, { telephone1: newPhone(random), address1_line1: newStreet(random) })
  for (const customer of bothSides) await edit(customer, { address1_line1: newStreet(random) })
}
