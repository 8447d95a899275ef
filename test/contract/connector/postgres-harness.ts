import { Client } from 'pg'
import type { ContractSystem, ContractTable } from '../../../src/connectors/contract/harness.ts'
import { createPostgresConnector } from '../../../src/connectors/postgres/connector.ts'
import type { FieldType } from '../../../src/core/mapping/schema.ts'
import { decodeKey, type RecordKey } from '../../../src/core/values/key.ts'
import { rawOf, tagOf, type Value, type Values } from '../../../src/core/values/value.ts'
import { createDatabase, createReader, type TestDatabase } from '../../support/postgres.ts'

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

const sqlTypes: Readonly<Record<FieldType['kind'], string>> = {
  text: 'text',
  code: 'code',
  integer: 'bigint',
  option: 'integer',
  decimal: 'numeric',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  instant: 'timestamptz',
  moment: 'timestamp',
  uuid: 'uuid',
  json: 'jsonb',
  bytes: 'bytea',
}

function sqlType(type: FieldType): string {
  if (type.kind === 'text' && type.maxLength !== null) return `varchar(${type.maxLength})`
  if (type.kind === 'code' && type.maxLength !== null) return `code_${type.maxLength}`
  return sqlTypes[type.kind]
}

/** A fresh database, the connector on it, and people with psql. */
export async function setUpPostgres(): Promise<ContractSystem & { readonly database: TestDatabase }> {
  const database = await createDatabase()
  const people = await connect(database.url)
  await people.query(
    'CREATE DOMAIN code AS text; CREATE DOMAIN code_10 AS varchar(10); CREATE DOMAIN code_20 AS varchar(20)',
  )
  const tables = new Map<string, ContractTable>()
  const settings = {
    name: 'erp',
    url: database.url,
    urlSource: 'ERP_URL',
    schema: 'public',
    poolSize: 4,
    receipts: true,
    overlapMs: 0,
  }
  const connector = createPostgresConnector(settings)
  const closing: (() => Promise<void>)[] = []
  const run = (client: Client, statement: readonly [string, (string | null)[]]) =>
    client.query(...mutable(statement))
  const tableOf = (table: string) => {
    const found = tables.get(table)
    if (!found) throw new Error(`No table ${table}`)
    return found
  }
  return {
    database,
    connector,
    addTable: async (table) => {
      tables.set(table.table, table)
      await people.query(createTableSql(table))
    },
    insert: async (table, ...records) => {
      for (const record of records) await run(people, insertSql(table, record))
    },
    edit: async (table, key, values) => {
      await run(people, editSql(tableOf(table), key, values))
    },
    remove: async (table, key) => {
      const [condition, parameters] = keyCondition(tableOf(table), key, 0)
      await people.query(`DELETE FROM ${quote(table)} WHERE ${condition}`, parameters)
    },
    begin: async () => {
      const client = await connect(database.url)
      await client.query('BEGIN')
      return {
        insert: async (table, values) => {
          await run(client, insertSql(table, values))
        },
        commit: async () => {
          await client.query('COMMIT')
          await client.end()
        },
      }
    },
    limited: async () => {
      const reader = await createReader(people, database.url)
      const limited = createPostgresConnector({ ...settings, url: reader.url })
      closing.push(async () => {
        await limited.close()
        await reader.drop()
      })
      return {
        connector: limited,
        hide: async (table, field, value) => {
          await people.query(`ALTER TABLE ${quote(table)} ENABLE ROW LEVEL SECURITY;
            CREATE POLICY seen ON ${quote(table)} FOR SELECT USING (${quote(field)} IS DISTINCT FROM '${value}')`)
        },
      }
    },
    close: async () => {
      for (const close of closing) await close()
      await connector.close()
      await people.end()
      await database.drop()
    },
  }
}

export async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(`SET timezone = 'UTC'`)
  return client
}

function mutable<A, B>(pair: readonly [A, B]): [A, B] {
  return [pair[0], pair[1]]
}

function createTableSql(table: ContractTable): string {
  const columns = table.fields.map(({ name, type, nullable }) => {
    const isSerial = table.keys === 'serial' && table.keyFields.includes(name)
    const isRequired = nullable === false || table.keyFields.includes(name)
    return `${quote(name)} ${isSerial ? 'bigserial' : sqlType(type)}${isRequired ? ' NOT NULL' : ''}`
  })
  const key = `PRIMARY KEY (${table.keyFields.map(quote).join(', ')})`
  const steps = [...stampSteps(table), ...normaliseSteps(table)]
  const trigger = `${table.table}_rules`
  return `CREATE TABLE ${quote(table.table)} (${[...columns, key].join(', ')});
    CREATE FUNCTION ${quote(trigger)}() RETURNS trigger LANGUAGE plpgsql AS $f$
    BEGIN ${steps.join(' ')} RETURN NEW; END $f$;
    CREATE TRIGGER ${quote(trigger)} BEFORE INSERT OR UPDATE ON ${quote(table.table)}
    FOR EACH ROW EXECUTE FUNCTION ${quote(trigger)}()`
}

/** `infinity` stands for "the writer gave no time, and wants none": nulls stay possible that way. */
function stampSteps({ stampedField }: ContractTable): string[] {
  if (stampedField === undefined) return []
  const name = quote(stampedField)
  return [
    `IF NEW.${name} = '-infinity' THEN NEW.${name} := NULL;
     ELSIF (TG_OP = 'INSERT' AND NEW.${name} IS NULL) OR
       (TG_OP = 'UPDATE' AND NEW.${name} IS NOT DISTINCT FROM OLD.${name}) THEN NEW.${name} := now(); END IF;`,
  ]
}

function normaliseSteps({ normalise }: ContractTable): string[] {
  const upper = normalise?.upperCase.map((name) => `NEW.${quote(name)} := upper(NEW.${quote(name)});`)
  const rounded = normalise?.wholeNumbers.map((name) => `NEW.${quote(name)} := round(NEW.${quote(name)});`)
  return [...(upper ?? []), ...(rounded ?? [])]
}

function parameter(value: Value): string | null {
  if (value === null) return null
  return tagOf(value) === 'bytes' ? `\\x${Buffer.from(rawOf(value), 'base64').toString('hex')}` : rawOf(value)
}

/** A time given as null shall be null; left out it is stamped. */
function stored(name: string, value: Value): string | null {
  return value === null && name === 'modified' ? '-infinity' : parameter(value)
}

function insertSql(table: string, values: Values): [string, (string | null)[]] {
  const names = Object.keys(values)
  const places = names.map((_, index) => `$${index + 1}`)
  return [
    `INSERT INTO ${quote(table)} (${names.map(quote).join(', ')}) VALUES (${places.join(', ')})`,
    names.map((name) => stored(name, values[name] ?? null)),
  ]
}

function editSql(table: ContractTable, key: RecordKey, values: Values): [string, (string | null)[]] {
  const names = Object.keys(values)
  const sets = names.map((name, index) => `${quote(name)} = $${index + 1}`)
  const [condition, parameters] = keyCondition(table, key, names.length)
  return [
    `UPDATE ${quote(table.table)} SET ${sets.join(', ')} WHERE ${condition}`,
    [...names.map((name) => stored(name, values[name] ?? null)), ...parameters],
  ]
}

function keyCondition(table: ContractTable, key: RecordKey, offset: number): [string, (string | null)[]] {
  const tests = table.keyFields.map((name, index) => `${quote(name)} = $${offset + index + 1}`)
  return [tests.join(' AND '), decodeKey(key).map(parameter)]
}
