import { z } from 'zod'
import { column, entity } from './entities/definition.ts'
import { addEntity, findEntity } from './entities/model.ts'
import type { Organization } from './organization.ts'
import { problems } from './problems.ts'

const Column = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  kind: z.enum(['text', 'memo', 'int', 'decimal', 'boolean', 'datetime', 'moment', 'date']),
  maxLength: z.number().int().nullable().default(null),
  scale: z.number().int().min(0).max(10).default(0),
  required: z.boolean().default(false),
})
const CustomTable = z.strictObject({
  logicalName: z.string().regex(/^[a-z]+_[a-z0-9_]+$/),
  entitySet: z.string().regex(/^[a-z][a-z0-9_]*$/),
  columns: z.array(Column),
  bulk: z.boolean().default(true),
  changeTracking: z.boolean().default(true),
  normalises: z
    .strictObject({ upperCase: z.array(z.string()), wholeNumbers: z.array(z.string()) })
    .default({ upperCase: [], wholeNumbers: [] }),
})

/** What numbers of a kind can be. */
const ranges: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  decimal: { min: -100_000_000_000, max: 100_000_000_000 },
  int: { min: -2_147_483_648, max: 2_147_483_647 },
}
let customTables = 0

/** Makes a table of its own for an organization, as its administrators do. */
export function addCustomTable(organization: Organization, body: unknown): { readonly logicalName: string } {
  const { columns, ...table } = CustomTable.parse(body)
  if (findEntity(table.logicalName)) throw problems.query(`There is a table '${table.logicalName}' already.`)
  customTables += 1
  const { logicalName } = addEntity(
    entity({
      ...table,
      typeCode: 10_000 + customTables,
      nameColumn: null,
      columns: columns.map(({ name, kind, ...facets }) => column(name, kind, { ...facets, ...ranges[kind] })),
    }),
  )
  organization.table(logicalName)
  return { logicalName }
}
