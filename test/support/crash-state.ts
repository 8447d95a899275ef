import type { Installation } from './installation.ts'

/** What two installations that have done the same work have in common: no generated key, no time. */
export interface EndState {
  /** Per table all rows, with references as business numbers. */
  readonly tables: Readonly<Record<string, readonly object[]>>
  /** `pair/MAPPING local number ↔ remote number`. */
  readonly couplings: readonly string[]
  /** `pair/MAPPING direction number CODE`. */
  readonly issues: readonly string[]
  /**
   * `pair/MAPPING direction kind number`: what has arrived, once for each time. A record that a dead worker has created
   * may be found by match fields, and is coupled then instead of inserted: here both are `new`.
   */
  readonly arrivals: readonly string[]
}

const contents = {
  'nav.salesperson': 'SELECT code, name FROM nav.salesperson ORDER BY 1',
  'crm.systemuser': 'SELECT code, name FROM crm.systemuser ORDER BY 1',
  'nav.unit': 'SELECT code, description, factor FROM nav.unit ORDER BY 1',
  'crm.uom': 'SELECT name, description, factor FROM crm.uom ORDER BY 1',
  'nav.customer': 'SELECT no, name, city, phone, salesperson_code FROM nav.customer ORDER BY 1',
  'crm.account': `SELECT number, a.name, city, phone, u.code FROM crm.account a
    LEFT JOIN crm.systemuser u ON u.id = owner ORDER BY 1`,
  'nav.contact': 'SELECT no, name, email, customer_no FROM nav.contact ORDER BY 1',
  'crm.contact': `SELECT c.number, fullname, email, a.number AS account FROM crm.contact c
    LEFT JOIN crm.account a ON a.id = account ORDER BY 1`,
  'nav.price': 'SELECT code, amount, note FROM nav.price ORDER BY 1',
  'crm.price': 'SELECT code, amount, note FROM crm.price ORDER BY 1',
  'nav.item': 'SELECT no, description, price, note FROM nav.item ORDER BY 1',
  'nav.resource': 'SELECT no, description, price, note FROM nav.resource ORDER BY 1',
  'crm.product': 'SELECT number, kind, name, price, note FROM crm.product ORDER BY 1, 2',
  'navb.customer': 'SELECT no, name, city, phone FROM navb.customer ORDER BY 1',
  'crmb.account': 'SELECT number, name, city, phone FROM crmb.account ORDER BY 1',
}

/** Per mapping and side: table, canonical key and business number of its rows. */
const sides: readonly (readonly [string, 'local' | 'remote', string, string, string])[] = [
  ['test/SALESPERSON', 'local', 'nav.salesperson', `'text:' || code`, 'code'],
  ['test/SALESPERSON', 'remote', 'crm.systemuser', `'uuid:' || id`, 'code'],
  ['test/UNIT', 'local', 'nav.unit', `'text:' || code`, 'upper(code)'],
  ['test/UNIT', 'remote', 'crm.uom', `'uuid:' || id`, 'name'],
  ['test/CUSTOMER', 'local', 'nav.customer', `'uuid:' || id`, 'no'],
  ['test/CUSTOMER', 'remote', 'crm.account', `'uuid:' || id`, 'number'],
  ['test/CONTACT', 'local', 'nav.contact', `'int:' || entry`, 'no'],
  ['test/CONTACT', 'remote', 'crm.contact', `'int:' || contactid`, 'number'],
  ['test/PRICE', 'local', 'nav.price', `'uuid:' || id`, 'code'],
  ['test/PRICE', 'remote', 'crm.price', `'uuid:' || id`, 'code'],
  ['test/ITEM', 'local', 'nav.item', `'text:' || no`, 'no'],
  ['test/ITEM', 'remote', `crm.product WHERE kind = 'item'`, `'uuid:' || id`, 'number'],
  ['test/RESOURCE', 'local', 'nav.resource', `'text:' || no`, 'no'],
  ['test/RESOURCE', 'remote', `crm.product WHERE kind = 'resource'`, `'uuid:' || id`, 'number'],
  ['second/CUSTOMER', 'local', 'navb.customer', `'uuid:' || id`, 'no'],
  ['second/CUSTOMER', 'remote', 'crmb.account', `'uuid:' || id`, 'number'],
]

const numbersSql = sides
  .map(
    ([name, side, table, key, number]) =>
      `SELECT '${name} ${side} ' || ${key} AS key, ${number} AS number FROM ${table}`,
  )
  .join(' UNION ALL ')

/** Row version of every row of both systems: equal before and after proves that nothing was written. */
export async function readVersions(couplet: Installation): Promise<readonly object[]> {
  const tables = sides.map(([, , table]) => table.split(' ')[0] ?? '')
  return couplet.rows(
    [...new Set(tables)]
      .map((table) => `SELECT '${table}' AS t, tableoid, ctid::text, xmin::text FROM ${table}`)
      .join(' UNION ALL ')
      .concat(' ORDER BY 1, 2, 3'),
  )
}

export async function readEndState(couplet: Installation): Promise<EndState> {
  const tables: Record<string, readonly object[]> = {}
  for (const [table, sql] of Object.entries(contents)) tables[table] = await couplet.rows(sql)
  const found = await couplet.rows<{ key: string; number: string }>(numbersSql)
  const numbers = new Map(found.map(({ key, number }) => [key, number] as const))
  const named = (mapping: string, side: string, key: string) =>
    numbers.get(`${mapping} ${side} ${key}`) ?? `missing ${key}`
  const couplings = await couplet.store.query<{ mapping: string; local: string; remote: string }>(`
    SELECT p.name || '/' || m.name AS mapping, c.local_key AS local, c.remote_key AS remote
    FROM couplet.coupling c JOIN couplet.table_mapping m ON m.id = c.mapping_id JOIN couplet.pair p ON p.id = m.pair_id`)
  const issues = await couplet.store.query<{ mapping: string; direction: string; key: string; code: string }>(
    `SELECT p.name || '/' || m.name AS mapping, i.direction, i.key, i.code
    FROM couplet.issue i JOIN couplet.table_mapping m ON m.id = i.mapping_id JOIN couplet.pair p ON p.id = m.pair_id`,
  )
  const arrivals = await couplet.store.query<{
    mapping: string
    kind: string
    direction: string
    key: string
  }>(
    `SELECT p.name || '/' || m.name AS mapping, o.direction,
      CASE o.kind WHEN 'modified' THEN 'modified' ELSE 'new' END AS kind,
      CASE o.direction WHEN 'to' THEN o.local_key ELSE o.remote_key END AS key
    FROM couplet.outcome o JOIN couplet.table_mapping m ON m.id = o.mapping_id JOIN couplet.pair p ON p.id = m.pair_id
    WHERE o.kind IN ('inserted', 'coupled', 'modified')`,
  )
  return {
    tables,
    arrivals: arrivals.rows
      .map(
        ({ mapping, kind, direction, key }) =>
          `${mapping} ${direction} ${kind} ${named(mapping, direction === 'to' ? 'local' : 'remote', key)}`,
      )
      .sort(),
    couplings: couplings.rows
      .map(
        ({ mapping, local, remote }) =>
          `${mapping} ${named(mapping, 'local', local)} ↔ ${named(mapping, 'remote', remote)}`,
      )
      .sort(),
    issues: issues.rows
      .map(
        ({ mapping, direction, key, code }) =>
          `${mapping} ${direction} ${named(mapping, direction === 'to' ? 'local' : 'remote', key)} ${code}`,
      )
      .sort(),
  }
}

/** Per mapping: what both sides are compared by, fields in the same order; the trigger's rounding and capitals applied. */
const comparisons: readonly (readonly [string, string, string])[] = [
  ['SALESPERSON', 'SELECT code, name FROM nav.salesperson', 'SELECT code, name FROM crm.systemuser'],
  [
    'UNIT',
    'SELECT upper(code), upper(description), round(factor, 2) FROM nav.unit',
    'SELECT name, description, factor FROM crm.uom',
  ],
  [
    'CUSTOMER',
    'SELECT no, name, city, phone, salesperson_code FROM nav.customer',
    'SELECT number, a.name, city, phone, u.code FROM crm.account a LEFT JOIN crm.systemuser u ON u.id = owner',
  ],
  [
    'CONTACT',
    'SELECT no, name, email, customer_no FROM nav.contact',
    'SELECT c.number, fullname, email, a.number FROM crm.contact c LEFT JOIN crm.account a ON a.id = account',
  ],
  ['PRICE', 'SELECT code, amount, note FROM nav.price', 'SELECT code, amount, note FROM crm.price'],
  [
    'ITEM',
    'SELECT no, description, price, note FROM nav.item',
    `SELECT number, name, price, note FROM crm.product WHERE kind = 'item'`,
  ],
  [
    'RESOURCE',
    'SELECT no, description, price, note FROM nav.resource',
    `SELECT number, name, price, note FROM crm.product WHERE kind = 'resource'`,
  ],
  [
    'SECOND',
    'SELECT no, name, city, phone FROM navb.customer',
    'SELECT number, name, city, phone FROM crmb.account',
  ],
]

/** Every record that one side has and the other has not, or has twice, or with other values: as `MAPPING (values)`. */
export async function readDifferences(couplet: Installation): Promise<readonly string[]> {
  const sql = comparisons.map(
    ([name, local, remote]) =>
      `(SELECT '${name} local ' || d::text AS difference FROM ((${local}) EXCEPT ALL (${remote})) d)
      UNION ALL (SELECT '${name} remote ' || d::text FROM ((${remote}) EXCEPT ALL (${local})) d)`,
  )
  const rows = await couplet.rows<{ difference: string }>(`${sql.join(' UNION ALL ')} ORDER BY 1`)
  return rows.map(({ difference }) => difference)
}

/** The records of crashDataSql that cannot be brought across, as `readDifferences` shows them. */
export const badRecords: readonly RegExp[] = [
  /^CONTACT local \(KBAD,/,
  /^CUSTOMER local \(CBAD,/,
  /^CUSTOMER local \(CWAITS,/,
  /^ITEM local \(IBAD,/,
  /^PRICE local \(PBAD,/,
  /^RESOURCE local \(SBAD,/,
  /^SALESPERSON local \(SPBAD,/,
  /^SECOND local \(BBAD,/,
  /^UNIT local \(UBAD,/,
]
