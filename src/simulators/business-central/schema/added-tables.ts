import { z } from 'zod'
import { roundDecimal } from '../../kit/cells.ts'
import { refusals } from '../errors.ts'
import { numberSeries } from '../rules/number-series.ts'
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
  /** The primary key, by which the page addresses its records. */
  key: z.array(z.string()).min(1),
  /** The page shows `id` and `lastModifiedDateTime`, and addresses its records by the id, as those of the product do. */
  byId: z.boolean().default(false),
  /** A key that comes without a value is drawn: a prefix, and at least so many digits. */
  numberSeries: z
    .strictObject({ column: z.string(), prefix: z.string(), digits: z.number().int().min(1) })
    .optional(),
  /** A text that the code of the table takes in no field. */
  refuses: z.string().min(1).optional(),
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
  const { entitySet, key, byId } = definition
  if (entitySet in tables) return { table: entitySet }
  const [first, ...more] = key
  const fields = Object.fromEntries(definition.fields.map((field) => [field.name, fieldOf(field)]))
  const table: Table = { caption: entitySet, key: [first ?? '', ...more], fields }
  added.add(entitySet)
  Object.assign(tables, { [entitySet]: table })
  Object.assign(rules, { [entitySet]: rulesOf(definition) })
  if (definition.numberSeries) Object.assign(numberSeries, { [entitySet]: definition.numberSeries })
  const custom = pages.custom as Map<
    string,
    typeof pages.custom extends ReadonlyMap<string, infer P> ? P : never
  >
  custom.set(entitySet, {
    service: 'custom',
    entitySet,
    entityType: entitySet,
    table: entitySet as TableName,
    columns: new Map(columnsOf(fields, byId).map((column) => [column, column])),
    key: byId ? ['id'] : key,
    readOnly: false,
    parent: null,
    isAnnounced: false,
  })
  return { table: entitySet }
}

function columnsOf(fields: Readonly<Record<string, Field>>, byId: boolean): readonly string[] {
  const own = Object.keys(fields)
  return byId ? ['id', ...own, 'lastModifiedDateTime'] : own
}

function fieldOf({ kind, name, length, required }: z.infer<typeof AddedField>): Field {
  const type: FieldType =
    kind === 'code' || kind === 'text' ? { kind, length: length ?? Number.POSITIVE_INFINITY } : { kind }
  return { type, caption: name, ...(required ? { required } : {}) }
}

function rulesOf({ stampedField, upperCase, wholeNumbers, refuses }: AddedTable): TableRules {
  const changesOf = ({ after, sent }: Draft, { nowMs }: RuleFacts): Ruled['changes'] => ({
    ...Object.fromEntries(upperCase.map((column) => [column, String(after[column]).toUpperCase()])),
    ...Object.fromEntries(wholeNumbers.map((column) => [column, roundDecimal(String(after[column]), 0)])),
    ...(stampedField === undefined || sent.has(stampedField) ? {} : { [stampedField]: nowMs }),
  })
  return {
    beforeWrite(draft, facts) {
      const refused = [...draft.sent].find(
        (column) => refuses && String(draft.after[column]).includes(refuses),
      )
      if (refused !== undefined)
        throw refusals.notValid(`The field "${refused}" must not contain ${refuses}.`)
      return { changes: changesOf(draft, facts), consequences: [] }
    },
  }
}
