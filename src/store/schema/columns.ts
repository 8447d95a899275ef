import { type SQL, sql } from 'drizzle-orm'
import { type AnyPgColumn, bigint, customType, pgSchema } from 'drizzle-orm/pg-core'
import { toInstant } from '../instant.ts'

/** Everything this project stores lies in one Postgres schema of its own. */
export const couplet = pgSchema('couplet')

/** Primary key made by the database, as a number: 2^53 rows are enough for everybody. */
export const identity = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity()

/** A reference to a row id, or a counter. */
export const bigNumber = () => bigint({ mode: 'number' })

/** timestamptz, read as ISO text in UTC with microseconds. */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp (6) with time zone',
  fromDriver: toInstant,
})

/** When the row was written. */
export const stamp = () => instant().notNull().default(sql`now()`)

/** Text that is compared byte by byte whatever the database's locale is: keys, versions of keys, resource names. */
export const keyText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text collate "C"',
})

/** jsonb that is parsed when it is read: what does not fit throws instead of travelling on as a wrong type. */
export const json = <T>(parse: (raw: unknown) => T) => parsedJson('jsonb', parse)

/** The same as text, for documents the database never looks into: a quarter of the work for it. */
export const plainJson = <T>(parse: (raw: unknown) => T) => parsedJson('json', parse)

const parsedJson = <T>(type: 'json' | 'jsonb', parse: (raw: unknown) => T) =>
  customType<{ data: T; driverData: unknown }>({
    dataType: () => type,
    toDriver: (value) => JSON.stringify(value),
    fromDriver: parse,
  })

/** Condition of a CHECK: the column holds one of these words (null passes, as in every CHECK). */
export function isOneOf(column: AnyPgColumn, values: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`
}
