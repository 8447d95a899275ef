import type pg from 'pg'
import { arrayLiteral } from '../../lib/array-literal.ts'
import { countRequest } from '../../lib/request-meter.ts'
import { withPrivilege } from './connection-errors.ts'
import type { Parameter } from './parameters.ts'

/** One row of an answer: every column as the text the server sends. */
export type Row = readonly (string | null)[]

/** Sends one statement and gives its rows. */
export type Query = (sql: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>

export async function queryRows(
  client: pg.ClientBase,
  text: string,
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  const values = parameters.map((value) =>
    value !== null && typeof value === 'object' ? arrayLiteral(value) : value,
  )
  countRequest()
  try {
    return (await client.query<(string | null)[]>({ text, values, rowMode: 'array' })).rows
  } catch (error) {
    throw withPrivilege(error, text)
  }
}
