import { parseList } from '../../kit/odata/query.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { refusals } from '../errors.ts'
import { etagOf } from '../etag.ts'
import { type Navigation, navigationsOf } from '../schema/metadata.ts'
import type { Page } from '../schema/pages.ts'
import { fieldOf, relatedTable } from '../schema/tables.ts'
import type { Company } from '../store/company.ts'
import { cellReader } from '../store/read-cell.ts'
import { pageFilter } from './filter.ts'
import { jsonOfCell, jsonOfProperties, jsonProperty } from './write-row.ts'

/** Writes a record as an answer shows it: its properties as JSON texts. */
export type Shape = (record: Stored) => readonly string[]

type WriteProperty = (record: Stored) => string

/** The version of a record as answers show it: another one after every change. */
export function recordEtag(company: Company, page: Page, record: Stored): string {
  return etagOf(`${company.id} ${page.table} ${record.key} ${record.version}`)
}

/** What `$select` and `$expand` ask for; everything the page has when nothing is selected. Throws 400. */
export function shapeOf(page: Page, company: Company, options: ReadonlyMap<string, string>): Shape {
  const selected = options.get('$select')
  const names = selected === undefined || selected === '*' ? [...page.columns.keys()] : parseList(selected)
  const columns = names.map((name) => shownColumn(page, company, name))
  const expansions = parseList(options.get('$expand') ?? '').map((text) => expansionOf(page, company, text))
  return (record) => [
    jsonProperty('@odata.etag', JSON.stringify(recordEtag(company, page, record))),
    ...columns.map((write) => write(record)),
    ...expansions.map((write) => write(record)),
  ]
}

function shownColumn(page: Page, company: Company, name: string): WriteProperty {
  const column = page.columns.get(name)
  const field = column === undefined ? undefined : fieldOf(page.table, column)
  if (column === undefined || field === undefined) {
    throw refusals.malformed(
      `Could not find a property named '${name}' on type 'Microsoft.NAV.${page.entityType}'.`,
    )
  }
  const read = cellReader(company, page.table, column)
  const prefix = jsonProperty(name, '')
  return (record) => prefix + jsonOfCell(field.type, read(record))
}

/** One entry of `$expand`, with `$select` and `$filter` of its own in parentheses. */
function expansionOf(page: Page, company: Company, text: string): WriteProperty {
  const [, name = '', inner = ''] = /^([^(]+)(?:\((.*)\))?$/s.exec(text) ?? []
  const navigation = navigationsOf(page).find((each) => each.name === name)
  if (!navigation) {
    throw refusals.malformed(
      `Could not find a property named '${name}' on type 'Microsoft.NAV.${page.entityType}'.`,
    )
  }
  const options = innerOptions(inner)
  const shape = shapeOf(navigation.page, company, options)
  const filterText = options.get('$filter')
  const filter = filterText === undefined ? null : pageFilter(filterText, navigation.page, company)
  return (record) => {
    const related = relatedRecords(page, navigation, company, record)
    const rows = related.filter((each) => filter === null || filter.test(each))
    const texts = rows.map((each) => jsonOfProperties(shape(each)))
    return jsonProperty(name, navigation.column === null ? `[${texts.join(',')}]` : (texts[0] ?? 'null'))
  }
}

/** Options in parentheses: separated by semicolons, and decoded already. */
function innerOptions(text: string): ReadonlyMap<string, string> {
  const parts = text.split(';').filter((part) => part.trim() !== '')
  return new Map(
    parts.map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1)]),
  )
}

/** The records behind a navigation: one or none for an id, any number for lines. */
export function relatedRecords(
  page: Page,
  navigation: Navigation,
  company: Company,
  record: Stored,
): readonly Stored[] {
  if (navigation.column === null) {
    return company.table(navigation.page.table).find('document', [record.row['number'] ?? ''])
  }
  const table = relatedTable(fieldOf(page.table, navigation.column))
  const code = record.row[navigation.column] ?? ''
  const found = table === null || code === '' ? null : company.findByKey(table, [code])
  return found === null ? [] : [found]
}
