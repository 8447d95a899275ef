import { createRandom, type Random } from '../records/random.ts'
import type { DemoSize } from '../records/size.ts'
import { firstNames, streets, surnames } from '../records/words.ts'
import { type AdminRecord, textOf } from './admin.ts'
import type { DynamicsSystems } from './systems.ts'

/** A salesperson of Business Central who is no user of Dataverse. */
export const formerSalesperson = 'OLD'
/** Payment terms that no option of Dataverse stands for. */
export const unmappedPaymentTerms = '14 DAYS'
/** A unit of measure whose group is inactive. */
export const unitOfInactiveGroup = 'L'

/** Customers that are given trouble: `C00031` and so on; none of them is blocked. */
const troubled = { formerSalesperson: ['C00031', 'C00032', 'C00033'], unmappedTerms: ['C00034'] } as const

/** What people put into the systems of the demo before they are synchronized. */
export async function fillSystems(
  systems: DynamicsSystems,
  { size, seed }: { readonly size: DemoSize; readonly seed: number },
): Promise<void> {
  const random = createRandom(seed)
  await makeTrouble(systems)
  await leaveUnitsOut(systems)
  const accounts = await addAccounts(systems, size, random)
  await addContacts(systems, accounts, size, random)
  await addProducts(systems, size)
}

async function makeTrouble({ local }: DynamicsSystems): Promise<void> {
  await local.admin.insert('salesperson', { code: formerSalesperson, displayName: 'Oliver Former' })
  for (const number of troubled.formerSalesperson)
    await local.admin.patch('customer', number, { salespersonCode: formerSalesperson })
  for (const number of troubled.unmappedTerms)
    await local.admin.patch('customer', number, { paymentTermsCode: unmappedPaymentTerms })
}

/** Units that no product needs yet are not known to Dataverse; the group of one of them is inactive. */
async function leaveUnitsOut({ remote: { admin } }: DynamicsSystems): Promise<void> {
  const products = await admin.readAll('product')
  const used = new Set(products.map((product) => textOf(product, 'defaultuomscheduleid')))
  for (const group of await admin.readAll('uomschedule')) {
    const id = textOf(group, 'uomscheduleid')
    const unit = textOf(group, 'baseuomname')
    if (unit === unitOfInactiveGroup) await admin.patch('uomschedule', id, { statecode: 1 })
    else if (unit !== stockUnit && !used.has(id)) await admin.remove('uomschedule', id)
  }
}

const stockUnit = 'PCS'

/** Accounts that only Dataverse knows; the last one has a name that is too long for Business Central. */
async function addAccounts(
  { remote: { admin } }: DynamicsSystems,
  { remoteAccounts }: DemoSize,
  random: Random,
): Promise<readonly AdminRecord[]> {
  const accounts: AdminRecord[] = []
  for (let place = 1; place <= remoteAccounts; place += 1) {
    const name = `${random.pick(surnames)} of the West ${place}`
    accounts.push(
      await admin.insert('account', {
        name: place === remoteAccounts ? `${name}, ${'formerly known by other names, '.repeat(4)}Inc.` : name,
        customertypecode: 3,
        emailaddress1: `info@west-${place}.example`,
        telephone1: `+45 70 ${random.digits(6)}`,
        address1_line1: `${random.pick(streets)} ${random.between(1, 200)}`,
        address1_postalcode: '8000',
        address1_city: 'Aarhus C',
        address1_country: 'DK',
        paymenttermscode: 1,
      }),
    )
  }
  return accounts
}

/** Every account is the company of one of them at least, as far as there are enough; the first one is its primary contact. */
async function addContacts(
  { remote: { admin } }: DynamicsSystems,
  accounts: readonly AdminRecord[],
  { remoteContacts }: DemoSize,
  random: Random,
): Promise<void> {
  for (let place = 0; place < remoteContacts; place += 1) {
    // From the last account on, so that the one that stays behind has somebody who waits for it.
    const account = textOf(accounts[(place + accounts.length - 1) % accounts.length], 'accountid')
    const [firstname, lastname] = [random.pick(firstNames), random.pick(surnames)]
    const contact = await admin.insert('contact', {
      firstname,
      lastname,
      'parentcustomerid_account@odata.bind': `/accounts(${account})`,
      emailaddress1: `person-${place + 1}@west.example`,
      mobilephone: `+45 20 ${random.digits(6)}`,
    })
    if (place >= accounts.length) continue
    await admin.patch('account', account, {
      'primarycontactid@odata.bind': `/contacts(${textOf(contact, 'contactid')})`,
      address1_primarycontactname: `${firstname} ${lastname}`,
    })
  }
}

async function addProducts(
  { remote: { admin } }: DynamicsSystems,
  { remoteProducts }: DemoSize,
): Promise<void> {
  const groups = await admin.readAll('uomschedule')
  const group = groups.find((each) => textOf(each, 'baseuomname') === stockUnit)
  for (let place = 1; place <= remoteProducts; place += 1) {
    await admin.insert('product', {
      name: `Western Chair No. ${place}`,
      productnumber: `W${1_000 + place}`,
      producttypecode: 1,
      quantitydecimal: 2,
      price: 100 + place,
      'defaultuomscheduleid@odata.bind': `/uomschedules(${textOf(group, 'uomscheduleid')})`,
      statecode: 0,
    })
  }
}
