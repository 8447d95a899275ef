import { type AdminRecord, textOf } from '../../src/demo/dynamics/admin.ts'
import type { DynamicsSystems } from '../../src/demo/dynamics/systems.ts'
import type { Customers } from './customers.ts'
import type { Staff } from './staff.ts'

interface Contact {
  surname: string
  title: string
  /** Number of the customer he works for. */
  customer: string
}

/**
 * People who keep contacts, each of which refers to a customer. The local side keeps surnames and customers, the remote side
 * job titles; contacts are entered on both sides.
 */
export async function employForContacts(
  { local, remote }: DynamicsSystems,
  customers: Customers,
  random: () => number,
): Promise<Staff> {
  const records = new Map<string, Contact>()
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const persons = async () => {
    const all = await local.admin.readAll('contact')
    return all.filter((record) => record['type'] === 'Person' && textOf(record, 'customerNumber') !== '')
  }
  for (const record of await persons())
    records.set(textOf(record, 'number'), {
      surname: textOf(record, 'surname'),
      title: textOf(record, 'jobTitle'),
      customer: textOf(record, 'customerNumber'),
    })

  const enterHere = async (count: number) => {
    const customer = await pickCustomer()
    if (customer === undefined) return
    const [number, surname] = [`KL${count}`, `Born ${count}`]
    await local.admin.insert('contact', { number, type: 'Person', surname, customerNumber: customer })
    records.set(number, { surname, title: '', customer })
  }
  const enterThere = async (count: number) => {
    const stable = new Set(customers.stable())
    const shown = await remote.admin.readAll('account')
    const account = pick(shown.filter((record) => stable.has(textOf(record, 'accountnumber'))))
    if (account === undefined) return
    const [number, surname] = [`KR${count}`, `Born ${count}`]
    await remote.admin.insert('contact', {
      pager: number,
      lastname: surname,
      'parentcustomerid_account@odata.bind': `/accounts(${textOf(account, 'accountid')})`,
    })
    records.set(number, { surname, title: '', customer: textOf(account, 'accountnumber') })
  }
  /** One that stays, and is known on this side by now: with the contact of a company that persons need. */
  const pickCustomer = async () => {
    const stable = new Set(customers.stable())
    const shown = (await local.admin.readAll('customer')).map((record) => textOf(record, 'number'))
    return pick(shown.filter((number) => stable.has(number)))
  }
  const editHere = async (count: number, isMove: boolean) => {
    const number = textOf(pick(await persons()), 'number')
    const known = records.get(number)
    const customer = isMove ? await pickCustomer() : undefined
    if (known === undefined || (isMove && customer === undefined)) return
    const change = customer === undefined ? { surname: `Married ${count}` } : { customerNumber: customer }
    await local.admin.patch('contact', number, change)
    if (customer === undefined) known.surname = `Married ${count}`
    else known.customer = customer
  }
  const promote = async (count: number) => {
    const contact = pick(await remote.admin.readAll('contact'))
    const known = records.get(textOf(contact, 'pager'))
    if (known === undefined) return
    await remote.admin.patch('contact', textOf(contact, 'contactid'), { jobtitle: `Title ${count}` })
    known.title = `Title ${count}`
  }
  const line = (number: string, { surname, title, customer }: Contact) =>
    `${number}|${surname}|${title}|${customer}`
  return {
    acts: [
      { often: 1, act: enterHere },
      { often: 1, act: enterThere },
      { often: 2, act: (count) => editHere(count, false) },
      { often: 1, act: (count) => editHere(count, true) },
      { often: 2, act: promote },
    ],
    expected: () => [...records].map(([number, contact]) => line(number, contact)),
    async adopt(id) {
      const [here, there] = [await persons(), await remote.admin.readAll('contact')]
      const known = here.find((record) => textOf(record, 'id') === id)
      const partner = there.find((record) => textOf(record, 'contactid') === id)
      const number = textOf(known, 'number') || textOf(partner, 'pager')
      const person = here.find((record) => textOf(record, 'number') === number)
      const contact = there.find((record) => textOf(record, 'pager') === number)
      if (person === undefined || contact === undefined || !records.has(number)) return null
      records.set(number, {
        surname: textOf(person, 'surname'),
        title: textOf(person, 'jobTitle'),
        customer: textOf(person, 'customerNumber'),
      })
      return { mapping: 'CONTACT', local: number, remote: textOf(contact, 'contactid') }
    },
    async found(side) {
      if (side === 'local')
        return (await persons()).map((record) =>
          textsOf(record, ['number', 'surname', 'jobTitle', 'customerNumber']),
        )
      const accounts = await remote.admin.readAll('account')
      const numbers = new Map(
        accounts.map((record) => [textOf(record, 'accountid'), textOf(record, 'accountnumber')]),
      )
      return (await remote.admin.readAll('contact')).map((record) => {
        const customer = numbers.get(textOf(record, 'parentcustomerid')) ?? 'nobody'
        return `${textsOf(record, ['pager', 'lastname', 'jobtitle'])}|${customer}`
      })
    },
  }
}

const textsOf = (record: AdminRecord, columns: readonly string[]): string =>
  columns.map((column) => textOf(record, column)).join('|')
