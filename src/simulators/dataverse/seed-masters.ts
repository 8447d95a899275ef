import { divideDecimal, type Row } from '../kit/cells.ts'
import { localCurrency, seedCurrencies, seedPeople, seedUnits } from '../kit/seed/masters.ts'
import { seedModifiedMs } from '../kit/seed/times.ts'
import { guidKeys } from '../kit/table/row-source.ts'
import type { Organization } from './organization.ts'

/** Records that every organization has from the start. */
export const ids = {
  baseCurrency: '00000000-0000-4000-8000-000000000001',
  integrationUser: '00000000-0000-4000-8000-000000000002',
  priceList: '00000000-0000-4000-8000-000000000003',
  organization: '00000000-0000-4000-8000-000000000004',
  businessUnit: '00000000-0000-4000-8000-000000000005',
  team: '00000000-0000-4000-8000-000000000006',
} as const

const known = seedCurrencies.filter((currency) => currency.isKnown)
const currencyKeys = guidKeys(0x0b000004, known.length)
const userKeys = guidKeys(0x0d000005, seedPeople.length + 2)
const groupKeys = guidKeys(0x0e000006, seedUnits.length)
const unitKeys = guidKeys(0x0e000007, seedUnits.length)

/** The currency with this code; the base currency for a blank one and for those the CRM does not have. */
export function currencyIdOf(code: string): string {
  const at = known.findIndex((currency) => currency.code === code)
  return at < 0 ? ids.baseCurrency : currencyKeys.keyAt(at)
}

const rates = new Map(
  known.map((currency) => [currency.code, divideDecimal('100.0', currency.worth ?? '100.0', 12)]),
)

/** Units of the currency for one of the base currency. */
export function rateOf(code: string): string {
  return rates.get(code) ?? '1.000000000000'
}

/** The user who is this salesperson; the user of the integration for a blank code. */
export function userIdOf(code: string): string {
  const at = seedPeople.findIndex((person) => person.code === code)
  return at < 0 ? ids.integrationUser : userKeys.keyAt(at)
}

const unitAt = (code: string) => seedUnits.findIndex((unit) => unit.code === code)
export const unitGroupIdOf = (code: string): string => groupKeys.keyAt(unitAt(code))
export const unitIdOf = (code: string): string => unitKeys.keyAt(unitAt(code))

/** Puts the few records that others refer to into the tables; all units only where products need them. */
export function putMasters(organization: Organization, withAllUnits: boolean): void {
  const modifiedMs = Math.floor(seedModifiedMs(0) / 1_000) * 1_000
  const put = (entity: string, key: string, row: Row) => {
    const made = { createdby: ids.integrationUser, modifiedby: ids.integrationUser }
    const version = organization.takeVersion()
    organization
      .table(entity)
      .put({ key, row: { ...row, ...made }, version, createdMs: modifiedMs, modifiedMs })
  }
  putOrganization(put)
  putCurrencies(put)
  putUsers(put)
  const units = seedUnits.filter((unit) => withAllUnits || unit.isKnown)
  for (const { code } of units) {
    put('uomschedule', unitGroupIdOf(code), { name: `NAV ${code}`, baseuomname: code, ...active })
    put('uom', unitIdOf(code), {
      name: code,
      quantity: '1.00000',
      isschedulebaseuom: true,
      uomscheduleid: unitGroupIdOf(code),
    })
  }
}

type Put = (entity: string, key: string, row: Row) => void
const active = { statecode: 0, statuscode: 1 }

function putOrganization(put: Put): void {
  put('organization', ids.organization, {
    name: 'Contoso',
    expirechangetrackingindays: 7,
    pricingdecimalprecision: 2,
    currencydecimalprecision: 2,
    basecurrencyid: ids.baseCurrency,
  })
  put('businessunit', ids.businessUnit, { name: 'Contoso', isdisabled: false })
  put('team', ids.team, { name: 'CRONUS International Ltd.', teamtype: 0, businessunitid: ids.businessUnit })
  put('pricelevel', ids.priceList, { name: 'Standard', transactioncurrencyid: ids.baseCurrency, ...active })
}

function putCurrencies(put: Put): void {
  const row = (code: string, name: string, symbol: string, exchangerate: string) => ({
    isocurrencycode: code,
    currencyname: name,
    currencysymbol: symbol,
    currencyprecision: 2,
    exchangerate,
    ...active,
  })
  put('transactioncurrency', ids.baseCurrency, row(localCurrency, 'Danish krone', 'kr.', '1.000000000000'))
  for (const { code, name, symbol } of known) {
    put('transactioncurrency', currencyIdOf(code), row(code, name, symbol, rateOf(code)))
  }
}

function putUsers(put: Put): void {
  const user = (fullname: string, mail: string, rest: Row = {}) => ({
    fullname,
    internalemailaddress: mail,
    isdisabled: false,
    islicensed: true,
    isintegrationuser: false,
    businessunitid: ids.businessUnit,
    ...rest,
  })
  put(
    'systemuser',
    ids.integrationUser,
    user('Couplet Integration', 'integration@crm.example', { isintegrationuser: true }),
  )
  for (const { code, name, email, phone, jobTitle } of seedPeople) {
    put('systemuser', userIdOf(code), user(name, email, { mobilephone: phone, jobtitle: jobTitle }))
  }
  const [gone, visitor] = [userKeys.keyAt(seedPeople.length), userKeys.keyAt(seedPeople.length + 1)]
  put('systemuser', gone, user('Gone Elsewhere', 'gone@couplet.example', { isdisabled: true }))
  put('systemuser', visitor, user('No Licence', 'visitor@couplet.example', { islicensed: false }))
}
