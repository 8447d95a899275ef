import type { Cell, Row } from '../../kit/cells.ts'
import { refusals } from '../errors.ts'
import { completeAddress } from './partners.ts'
import { type Draft, isChanged, type RuleFacts, type TableRules } from './rule.ts'

/** A person's name and its parts, whichever was sent: the parts win. */
function settleNames(draft: Draft): Record<string, Cell> {
  const { after } = draft
  if (after['type'] !== 'Person') return {}
  if (['firstName', 'middleName', 'surname'].some((column) => isChanged(draft, column))) {
    const parts = [after['firstName'], after['middleName'], after['surname']]
    return { displayName: parts.filter((part) => part !== '').join(' ') }
  }
  if (!isChanged(draft, 'displayName')) return {}
  const [first = '', ...rest] = String(after['displayName'])
    .split(' ')
    .filter((word) => word !== '')
  const surname = rest.pop() ?? ''
  return {
    firstName: surname === '' ? '' : first,
    middleName: rest.join(' '),
    surname: surname === '' ? first : surname,
  }
}

/** The company of a person, told by the number of its contact or of the customer it stands for. */
function settleCompany(draft: Draft, facts: RuleFacts): Record<string, Cell> {
  const { after, before } = draft
  const own = String(after['number'])
  if (after['type'] === 'Company') {
    return before === null || isChanged(draft, 'displayName')
      ? { companyNumber: own, companyName: after['displayName'] ?? '' }
      : {}
  }
  if (isChanged(draft, 'customerNumber')) return companyOfCustomer(String(after['customerNumber']), facts)
  if (!isChanged(draft, 'companyNumber')) return {}
  const company = facts.findByKey('contact', String(after['companyNumber']))
  if (company !== null && company['type'] !== 'Company') {
    throw refusals.rule(`Contact ${company['number']} ${company['displayName']} is not a company contact.`)
  }
  return { companyName: company?.['displayName'] ?? '', customerNumber: company?.['customerNumber'] ?? '' }
}

function companyOfCustomer(number: string, facts: RuleFacts): Record<string, Cell> {
  if (number === '') return { companyNumber: '', companyName: '' }
  const customer = facts.findByKey('customer', number)
  const contact = facts.findByKey('contact', String(customer?.['companyContactNumber'] ?? ''))
  if (contact === null) throw refusals.rule(`Customer ${number} has no company contact.`)
  return { companyNumber: contact['number'] ?? '', companyName: contact['displayName'] ?? '' }
}

export const contactRules: TableRules = {
  beforeWrite(draft, facts) {
    const changes = { ...completeAddress(draft), ...settleNames(draft) }
    const named: Draft = { ...draft, after: { ...draft.after, ...changes } }
    return { changes: { ...changes, ...settleCompany(named, facts) }, consequences: [] }
  },
  beforeDelete(row: Row, facts) {
    const customer = facts.findByKey('customer', String(row['customerNumber']))
    if (row['type'] === 'Company' && customer !== null) {
      throw refusals.rule(
        `You cannot delete contact ${row['number']} because it is the company contact of Customer ${customer['number']}.`,
      )
    }
    return []
  },
}
