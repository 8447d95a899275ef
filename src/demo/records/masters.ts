import type { Random } from './random.ts'
import type { Row } from './row.ts'
import { jobTitles } from './words.ts'

/** A currency for which nobody has entered a rate yet (problems.ts). */
export const currencyWithoutRate = 'MXN'

/** Code, symbol, description, and what one hundred are worth in the local currency: last year and now. */
const currencies = [
  ['AUD', 'A$', 'Australian dollar', 455.12, 461.8],
  ['BGN', 'лв', 'Bulgarian leva', 381.4, 381.42],
  ['BRL', 'R$', 'Brazilian real', 138.9, 131.07],
  ['CAD', 'C$', 'Canadian dollar', 508.2, 502.33],
  ['CHF', 'CHF', 'Swiss franc', 770.15, 781.9],
  ['CNY', 'CN¥', 'Chinese yuan', 96.4, 95.87],
  ['CZK', 'Kč', 'Czech koruna', 30.71, 29.64],
  ['EUR', '€', 'Euro', 745.6, 746.05],
  ['GBP', '£', 'Pound sterling', 858.2, 872.44],
  ['HUF', 'Ft', 'Hungarian forint', 1.95, 1.89],
  ['IDR', 'Rp', 'Indonesian rupiah', 0.0448, 0.0431],
  ['INR', '₹', 'Indian rupee', 8.28, 8.25],
  ['ISK', 'ISK', 'Icelandic krona', 4.98, 4.99],
  ['JPY', '¥', 'Japanese yen', 4.79, 4.42],
  [currencyWithoutRate, 'Mex$', 'Mexican peso', null, null],
  ['NOK', 'NOK', 'Norwegian krone', 65.6, 64.1],
  ['PLN', 'zł', 'Polish zloty', 164.8, 173.11],
  ['SEK', 'SEK', 'Swedish krona', 64.9, 65.42],
  ['SGD', 'S$', 'Singapore dollar', 511.3, 514.7],
  ['TRY', '₺', 'Turkish lira', 25.1, 21.33],
  ['USD', '$', 'US dollar', 688.9, 691.2],
] as const

/** Currencies the remote side has already, with last year's rates. */
const knownCurrencies: readonly string[] = ['EUR', 'GBP', 'NOK', 'SEK', 'USD']

export function buildCurrencies(random: Random): { nav: Row[]; rates: Row[]; crm: Row[] } {
  const rate = (code: string, date: string, worth: number): Row => ({
    currency_code: code,
    starting_date: date,
    exchange_rate_amount: '100',
    relational_exch_rate_amount: worth.toFixed(5),
  })
  return {
    nav: currencies.map(([code, symbol, description]) => ({
      system_id: random.uuid(),
      code,
      symbol,
      description,
    })),
    rates: currencies.flatMap(([code, , , before, now]) =>
      before === null ? [] : [rate(code, '2023-01-01', before), rate(code, '2024-01-01', now)],
    ),
    crm: currencies
      .filter(([code]) => knownCurrencies.includes(code))
      .map(([code, symbol, name, before]) => ({
        transactioncurrencyid: random.uuid(),
        isocurrencycode: code,
        currencyname: name,
        currencysymbol: symbol,
        exchangerate: (100 / (before ?? 100)).toFixed(10),
      })),
  }
}

/** The salespeople as both sides know them; the last two have no code yet, because only the remote side has them. */
const people = [
  ['AHL', 'Annette Hill'],
  ['BDA', 'Bart Duncan'],
  ['DCH', 'David Campbell'],
  ['ESK', 'Eva Skovgaard'],
  ['HRM', 'Henrik Marker'],
  ['JOR', 'John Roberts'],
  ['LSN', 'Linda Sandberg'],
  ['MSC', 'Mary Schneider'],
  ['PSP', 'Peter Saddow'],
  ['RBK', 'Rikke Bak'],
  [null, 'Otis Falls'],
  [null, 'Tanja Plate'],
] as const

/** A salesperson without a user at the remote side (see problems.ts). */
export const formerSalesperson = 'OLD'

export const salespersonCodes = people.flatMap(([code]) => (code === null ? [] : [code])) as [
  string,
  ...string[],
]

export function buildSalespeople(random: Random): { nav: Row[]; crm: Row[] } {
  const nav: Row[] = []
  const crm: Row[] = []
  for (const [code, name] of people) {
    const mail = `${name.toLowerCase().replace(' ', '.')}@couplet.example`
    const phone = `+45 ${random.digits(8)}`
    // One address is written with a capital: the same person all the same.
    if (code !== null)
      nav.push(salesperson(random, code, name, code === 'AHL' ? `A${mail.slice(1)}` : mail, phone))
    crm.push(user(random, name, mail, phone, {}))
  }
  nav.push(salesperson(random, formerSalesperson, 'Former Colleague', 'former@couplet.example', ''))
  crm.push(user(random, 'Gone Elsewhere', 'gone@couplet.example', null, { isdisabled: true }))
  crm.push(user(random, 'No Licence', 'visitor@couplet.example', null, { islicensed: false }))
  return { nav, crm }
}

function salesperson(random: Random, code: string, name: string, mail: string, phone: string): Row {
  return {
    system_id: random.uuid(),
    code,
    name,
    e_mail: mail,
    phone_no: phone,
    job_title: random.pick(jobTitles),
  }
}

function user(
  random: Random,
  fullname: string,
  mail: string,
  phone: string | null,
  flags: { isdisabled?: boolean; islicensed?: boolean },
): Row {
  return {
    systemuserid: random.uuid(),
    fullname,
    internalemailaddress: mail,
    mobilephone: phone,
    jobtitle: random.pick(jobTitles),
    isdisabled: flags.isdisabled ?? false,
    islicensed: flags.islicensed ?? true,
  }
}

const units = [
  ['BOX', 'Box'],
  ['CAN', 'Can'],
  ['DAY', 'Day'],
  ['GR', 'Gram'],
  ['HOUR', 'Hour'],
  ['KG', 'Kilogram'],
  ['KM', 'Kilometre'],
  ['L', 'Litre'],
  ['M2', 'Square metre'],
  ['PACK', 'Pack'],
  ['PCS', 'Piece'],
  ['SET', 'Set'],
] as const

/** Units of goods, and units of time. */
export const itemUnits = ['PCS', 'PCS', 'PCS', 'BOX', 'PACK', 'SET', 'KG', 'CAN'] as const
export const resourceUnits = ['HOUR', 'HOUR', 'DAY', 'KM'] as const
const knownUnits: readonly string[] = ['HOUR', 'KG', 'PCS']

/** Units whose group at the remote side cannot be used: it is inactive, or holds another unit besides (problems.ts). */
export const unitOfInactiveGroup = 'L'
export const unitOfSharedGroup = 'M2'

export interface DemoUnits {
  readonly nav: readonly Row[]
  /** Groups for a unit each, and groups that cannot be used. */
  readonly crm: readonly Row[]
  readonly invalid: readonly Row[]
  /** Units besides the one a group is for. */
  readonly others: readonly Row[]
}

export function buildUnits(random: Random): DemoUnits {
  const group = (code: string, statecode: number) => ({
    uomscheduleid: random.uuid(),
    name: `NAV ${code}`,
    baseuomname: code,
    statecode,
  })
  const nav = units.map(([code, description]) => ({ system_id: random.uuid(), code, description }))
  const known = units.filter(([code]) => knownUnits.includes(code)).map(([code]) => group(code, 0))
  const shared = group(unitOfSharedGroup, 0)
  return {
    nav,
    crm: known,
    invalid: [group(unitOfInactiveGroup, 1), shared],
    others: [{ uomscheduleid: shared.uomscheduleid, name: 'ARE', quantity: '100' }],
  }
}
