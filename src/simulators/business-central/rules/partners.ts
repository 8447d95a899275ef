import type { Cell, Row } from '../../kit/cells.ts'
import { refusals } from '../errors.ts'
import type { TableName } from '../schema/tables.ts'
import { placeOfPostCode } from '../seed/places.ts'
import { type Consequence, type Draft, isChanged, type RuleFacts, type TableRules } from './rule.ts'

/** What a customer or vendor shares with its company contact. */
const shared = [
  'displayName',
  'addressLine1',
  'addressLine2',
  'city',
  'state',
  'country',
  'postalCode',
  'phoneNumber',
  'mobilePhoneNumber',
  'faxNumber',
  'email',
  'website',
  'currencyCode',
] as const

/** A known post code fills in city, county and country that the request does not name (default-mappings.md §4 row 7). */
export function completeAddress(draft: Draft): Record<string, Cell> {
  const { after, sent } = draft
  const place = isChanged(draft, 'postalCode') ? placeOfPostCode(String(after['postalCode'])) : null
  if (place === null) return {}
  const { city, state, country } = place
  const filled = Object.entries({ city, state, country })
  return Object.fromEntries(filled.filter(([column]) => !sent.has(column)))
}

/** Naming the primary contact names it in the address, too. */
function nameContact(draft: Draft, facts: RuleFacts): Record<string, Cell> {
  if (!isChanged(draft, 'primaryContactNumber') || draft.sent.has('contactName')) return {}
  const contact = facts.findByKey('contact', String(draft.after['primaryContactNumber']))
  return { contactName: contact?.['displayName'] ?? '' }
}

/** The company contact follows its customer or vendor (default-mappings.md §4 rule 5); a new one is made if the setup says so. */
function followCompanyContact(
  draft: Draft,
  row: Row,
  relation: 'Customer' | 'Vendor',
  facts: RuleFacts,
): { readonly changes: Record<string, Cell>; readonly consequences: readonly Consequence[] } {
  const copied = Object.fromEntries(shared.map((column) => [column, row[column] ?? '']))
  if (draft.before === null) {
    if (!facts.setup.createsContacts) return { changes: {}, consequences: [] }
    const number = facts.nextNumber('contact')
    const insert = {
      ...copied,
      number,
      type: 'Company',
      companyNumber: number,
      companyName: row['displayName'] ?? '',
      businessRelation: relation,
      ...(relation === 'Customer' ? { customerNumber: row['number'] ?? '' } : {}),
    }
    return { changes: { companyContactNumber: number }, consequences: [{ table: 'contact', insert }] }
  }
  const contact = facts.findByKey('contact', String(row['companyContactNumber']))
  const changes = Object.fromEntries(
    Object.entries(copied).filter(([column, value]) => draft.before?.[column] !== value),
  )
  if (contact === null || Object.keys(changes).length === 0) return { changes: {}, consequences: [] }
  const named = 'displayName' in changes ? { companyName: changes['displayName'] } : {}
  const id = String(contact['id'])
  return {
    changes: {},
    consequences: [{ table: 'contact', id, changes: { ...changes, ...named } as Record<string, Cell> }],
  }
}

function partnerRules(table: TableName, relation: 'Customer' | 'Vendor'): TableRules {
  return {
    beforeWrite(draft, facts) {
      const changes = { ...completeAddress(draft), ...nameContact(draft, facts) }
      const row = { ...draft.after, ...changes }
      const followed = followCompanyContact(draft, row, relation, facts)
      return { changes: { ...changes, ...followed.changes }, consequences: followed.consequences }
    },
    beforeDelete(row, facts) {
      const number = String(row['number'])
      if (table === 'customer' && facts.hasOrders(number)) {
        throw refusals.rule(
          `You cannot delete Customer ${number} because there is at least one outstanding Sales Order for this customer.`,
        )
      }
      const contact = facts.findByKey('contact', String(row['companyContactNumber']))
      if (contact === null) return []
      const changes = { businessRelation: ' ', customerNumber: '' }
      return [{ table: 'contact', id: String(contact['id']), changes }]
    },
  }
}

export const customerRules = partnerRules('customer', 'Customer')
export const vendorRules = partnerRules('vendor', 'Vendor')
