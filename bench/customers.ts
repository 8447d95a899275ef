import type { MappingDefinition } from '../src/core/mapping/definition.ts'

/** The 20 mapped fields: local name and type, remote name and type. No rules, no references, no triggers. */
const fields = [
  ['no', 'varchar(20)', 'accountnumber', 'varchar(20)'],
  ['name', 'varchar(100)', 'name', 'varchar(160)'],
  ['name_2', 'varchar(50)', 'name2', 'varchar(100)'],
  ['address', 'varchar(100)', 'address1_line1', 'varchar(250)'],
  ['address_2', 'varchar(50)', 'address1_line2', 'varchar(250)'],
  ['city', 'varchar(30)', 'address1_city', 'varchar(80)'],
  ['post_code', 'varchar(20)', 'address1_postalcode', 'varchar(20)'],
  ['county', 'varchar(30)', 'address1_county', 'varchar(50)'],
  ['country_code', 'varchar(10)', 'address1_country', 'varchar(80)'],
  ['phone', 'varchar(30)', 'telephone1', 'varchar(50)'],
  ['fax', 'varchar(30)', 'fax', 'varchar(50)'],
  ['email', 'varchar(80)', 'emailaddress1', 'varchar(100)'],
  ['home_page', 'varchar(80)', 'websiteurl', 'varchar(200)'],
  ['vat_registration_no', 'varchar(20)', 'vatnumber', 'varchar(20)'],
  ['credit_limit', 'numeric(18,2)', 'creditlimit', 'numeric(19,4)'],
  ['balance', 'numeric(18,2)', 'openbalance', 'numeric(19,4)'],
  ['payment_days', 'integer', 'paymentdays', 'integer'],
  ['priority', 'integer', 'priority', 'integer'],
  ['blocked', 'boolean', 'creditonhold', 'boolean'],
  ['since', 'date', 'customersince', 'date'],
] as const

export const localFields: readonly string[] = fields.map(([name]) => name)
export const remoteFields: readonly string[] = fields.map(([, , name]) => name)
/** Types as parameters of a statement carry them: without length. */
const parameterType = (type: string) => type.replace(/\(.*/, '').replace('varchar', 'text')
export const localTypes: readonly string[] = fields.map(([, type]) => parameterType(type))
export const remoteTypes: readonly string[] = fields.map(([, , , type]) => parameterType(type))

/** A destination table; Couplet and the floor have one each. */
export const destinationSql = (schema: string): string => `
  CREATE TABLE ${schema}.account (accountid uuid PRIMARY KEY,
    ${fields.map(([, , name, type]) => `${name} ${type}`).join(', ')},
    modifiedon timestamptz NOT NULL DEFAULT now());`

/** A source table with `count` customers, the same ones every time, last changed long ago; one each as well. */
export const sourceSql = (schema: string, count: number): string => `
  CREATE TABLE ${schema}.customer (id uuid PRIMARY KEY,
    ${fields.map(([name, type]) => `${name} ${type} NOT NULL`).join(', ')},
    modified timestamptz NOT NULL);
  CREATE INDEX ON ${schema}.customer (modified, id);
  INSERT INTO ${schema}.customer
    SELECT md5('customer ' || n)::uuid, 'C' || lpad(n::text, 8, '0'), 'Customer ' || n || ' Trading Company', '',
      'Harbour Street ' || n % 300, 'Floor ' || n % 9, 'City ' || n % 997, lpad((n % 9999)::text, 4, '0'),
      'County ' || n % 50, (ARRAY['DK','DE','SE','NO'])[n % 4 + 1], '+45 ' || 10000000 + n, '',
      'customer' || n || '@example.com', 'https://customer' || n || '.example.com', 'DK' || 20000000 + n,
      (n % 1000) * 12.5, n % 77777 * 0.25, n % 3 * 15, n % 5, n % 50 = 0, date '2001-01-01' + n % 8000,
      timestamptz '2020-01-01' + n * interval '1 minute'
    FROM generate_series(1, ${count}) AS n;
  ANALYZE ${schema}.customer;`

/** One direction, so that Couplet does what the floor does: one pass over the source. */
export const customerMapping: Parameters<typeof MappingDefinition.parse>[0] = {
  name: 'CUSTOMER',
  direction: 'ToIntegrationTable',
  local: { table: 'customer', modifiedField: 'modified', referenceField: 'no' },
  remote: { table: 'account', modifiedField: 'modifiedon' },
  fields: fields.map(([local, , remote]) => ({ local, remote })),
}
