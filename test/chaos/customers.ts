import { textOf } from '../../src/demo/dynamics/admin.ts'
import type { DynamicsSystems } from '../../src/demo/dynamics/systems.ts'
import type { Staff } from './staff.ts'

/** How many of the customers that are there from the beginning only see contests (contests.ts). */
const CONTESTED = 12

export interface Customers extends Staff {
  /** Numbers of customers that nobody but contests.ts edits. */
  readonly contested: readonly string[]
  /** Numbers of customers that stay, of which a contact may be one. */
  stable(): readonly string[]
}

/**
 * People who keep customers and accounts. One side keeps the names, the other one the cities: nobody ever wants two things at
 * once, so every edit has to arrive. Records are entered on both sides, and some of them are only entered to be deleted, on
 * either side, whether they have been carried over by then or not.
 */
export async function employForCustomers(
  { local, remote }: DynamicsSystems,
  random: () => number,
): Promise<Customers> {
  const records = new Map<string, { name: string; city: string }>()
  const doomed = new Set<string>()
  for (const record of await local.admin.readAll('customer'))
    records.set(textOf(record, 'number'), {
      name: textOf(record, 'displayName'),
      city: textOf(record, 'city'),
    })
  const contested = [...records.keys()].slice(0, CONTESTED)
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const isEdited = (number: string) =>
    records.has(number) && !doomed.has(number) && !contested.includes(number)

  const enter = async (count: number, prefix: string) => {
    const isLocal = random() < 0.5
    const number = `${prefix}${isLocal ? 'L' : 'R'}${count}`
    const [name, city] = [`New ${count}`, `Place ${count}`]
    if (isLocal) await local.admin.insert('customer', { number, displayName: name, city })
    else await remote.admin.insert('account', { accountnumber: number, name, address1_city: city })
    records.set(number, { name, city })
    if (prefix === 'D') doomed.add(number)
  }
  const rename = async (count: number) => {
    const shown = (await local.admin.readAll('customer')).map((record) => textOf(record, 'number'))
    const number = pick(shown.filter(isEdited))
    const known = records.get(number ?? '')
    if (number === undefined || known === undefined) return
    await local.admin.patch('customer', number, { displayName: `Name ${count}` })
    known.name = `Name ${count}`
  }
  const move = async (count: number) => {
    const shown = await remote.admin.readAll('account')
    const account = pick(shown.filter((record) => isEdited(textOf(record, 'accountnumber'))))
    const known = records.get(textOf(account, 'accountnumber'))
    if (account === undefined || known === undefined) return
    await remote.admin.patch('account', textOf(account, 'accountid'), { address1_city: `City ${count}` })
    known.city = `City ${count}`
  }
  const remove = async () => {
    const [side, table, column, key] = pick([
      ['local', 'customer', 'number', 'id'],
      ['remote', 'account', 'accountnumber', 'accountid'],
    ] as const) ?? ['local', 'customer', 'number', 'id']
    const admin = side === 'local' ? local.admin : remote.admin
    const shown = await admin.readAll(table)
    const record = pick(shown.filter((each) => doomed.has(textOf(each, column))))
    if (record === undefined) return
    await admin.remove(table, textOf(record, key))
    doomed.delete(textOf(record, column))
    records.delete(textOf(record, column))
  }
  return {
    contested,
    stable: () => [...records.keys()].filter((number) => !doomed.has(number)),
    acts: [
      { often: 2, act: (count) => enter(count, '') },
      { often: 1, act: (count) => enter(count, 'D') },
      { often: 5, act: rename },
      { often: 5, act: move },
      { often: 1, act: remove },
    ],
    expected: () => [...records].map(([number, { name, city }]) => `${number}|${name}|${city}`),
    async adopt(id) {
      const [here, there] = [await local.admin.readAll('customer'), await remote.admin.readAll('account')]
      const known = here.find((record) => textOf(record, 'id') === id)
      const partner = there.find((record) => textOf(record, 'accountid') === id)
      const number = textOf(known, 'number') || textOf(partner, 'accountnumber')
      const customer = here.find((record) => textOf(record, 'number') === number)
      const account = there.find((record) => textOf(record, 'accountnumber') === number)
      if (customer === undefined || account === undefined || !records.has(number)) return null
      records.set(number, { name: textOf(customer, 'displayName'), city: textOf(customer, 'city') })
      return { mapping: 'CUSTOMER', local: number, remote: textOf(account, 'accountid') }
    },
    async found(side) {
      const columns =
        side === 'local' ? ['number', 'displayName', 'city'] : ['accountnumber', 'name', 'address1_city']
      const all =
        side === 'local' ? await local.admin.readAll('customer') : await remote.admin.readAll('account')
      return all.map((record) => columns.map((column) => textOf(record, column)).join('|'))
    },
  }
}
