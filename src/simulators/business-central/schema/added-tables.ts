import { z } from 'zod'
import { roundDecimal } from '../../kit/cells.ts'
import type { Draft, Ruled, RuleFacts, TableRules } from '../rules/rule.ts'
import { rules } from '../rules/table-rules.ts'
import type { Field, FieldType, Table } from './field.ts'
import { pages } from './pages.ts'
import { type TableName, tables } from './tables.ts'

const AddedField = z.strictObject({
  name: z.string().regex(/^[A-Za-z_]\w*$/),
  kind: z.enum(['code', 'text', 'decimal', 'integer', 'bigInteger', 'boolean', 'date', 'dateTime', 'guid']),
  /** Of codes and texts; without one as long as anybody likes. */
  length: z.number().int().min(1).optional(),
  required: z.literal(true).optional(),
})

/** A table with a page in the custom API, as an extension brings them along. */
export const AddedTable = z.strictObject({
  entitySet: z.string().regex(/^[A-Za-z_]\w*$/),
  fields: z.array(AddedField).min(1),
  /** How the page addresses its records, and the primary key. */
  key: z.array(z.string()).min(1),
  /** Gets the time of each write that gives none. */
  stampedField: z.string().optional(),
  /** What the code of the table does to every record. */
  upperCase: z.array(z.string()).default([]),
  wholeNumbers: z.array(z.string()).default([]),
})
export type AddedTable = z.infer<typeof AddedTable>

const added = new Set<string>()

/** Tables that were added to those of the product. */
export const isAdded = (table: TableName): boolean => added.has(table)

/**
 * Installs a table for all companies, empty. Known to every simulator of this process, as an extension is to a server;
 * one that is there already is left as it is.
 */
export function addTable(definition: AddedTable): { readonly table: string } {
  const { entitySet, key } = definition
  if (entitySet in tables) return { table: entitySet }
  const [first, ...more] = key
  const fields = Object.fromEntries(definition.fields.map((field) => [field.name, fieldOf(field)]))
  const table: Table = { caption: entitySet, key: [first ?? '', ...more], fields }
  added.add(entitySet)
  Object.assign(tables, { [entitySet]: table })
  Object.assign(rules, { [entitySet]: rulesOf(definition) })
  const custom = pages.custom as Map<
    string,
    typeof pages.custom extends ReadonlyMap<string, infer P> ? P : never
  >
  custom.set(entitySet, {
    service: 'custom',
    entitySet,
    entityType: entitySet,
    table: entitySet as TableName,
    columns: new Map(Object.keys(fields).map((column) => [column, column])),
    key,
    readOnly: false,
    parent: null,
    isAnnounced: false,
  })
  return { table: entitySet }
}

function fieldOf({ kind, name, length, required }: z.infer<typeof AddedField>): Field {
  const type: FieldType =
    kind === 'code' || kind === 'text' ? { kind, length: length ?? Number.POSITIVE_INFINITY } : { kind }
  return { type, caption: name, ...(required ? { required } : {}) }
}

function rulesOf({ stampedField, upperCase, wholeNumbers }: AddedTable): TableRules {
  const changesOf = ({ after, sent }: Draft, { nowMs }: RuleFacts): Ruled['changes'] => ({
    ...Object.fromEntries(upperCase.map((column) => [column, String(after[column]).toUpperCase()])),
    ...Object.fromEntries(wholeNumbers.map((column) => [column, roundDecimal(String(after[column]), 0)])),
    ...(stampedField === undefined || sent.has(stampedField) ? {} : { [stampedField]: nowMs }),
  })
  return { beforeWrite: (draft, facts) => ({ changes: changesOf(draft, facts), consequences: [] }) }
}
