import type { Cell, Row } from '../kit/cells.ts'
import { noRows, type RowSource } from '../kit/table/row-source.ts'
import { createTable, type Table } from '../kit/table/table.ts'
import type { SimulatedTime } from '../kit/time.ts'
import type { Column, Option } from './entities/definition.ts'
import { type EntityModel, entityModels, entityNamed } from './entities/model.ts'

/** What a user may not do; a table as a whole, or one column of it. */
export interface Denial {
  readonly entity: string
  readonly column?: string | undefined
  readonly privilege: 'Read' | 'Write' | 'Create' | 'Delete'
  /** Only records with this value are meant: they cannot be seen, since the privilege is that of a part only. */
  readonly where?: { readonly column: string; readonly value: Cell } | undefined
}

/** Business logic that somebody has added to a table: it refuses a record, or writes other fields besides. */
export interface PlugIn {
  readonly entity: string
  readonly on: 'create' | 'update' | 'both'
  /** Runs when this column is written and contains the text; case matters. */
  readonly column: string
  readonly contains: string
  readonly error?: string | undefined
  readonly set?: Readonly<Record<string, Cell>> | undefined
}

/** One organization: its tables, and what people have set up in it. */
export interface Organization {
  readonly time: SimulatedTime
  table(entity: string): Table
  /** Taken by every write; grows over all tables together. */
  takeVersion(): number
  lastVersion(): number
  optionsOf(entity: string, column: Column): readonly Option[]
  setOption(entity: string, column: string, option: Option): void
  readonly plugIns: PlugIn[]
  readonly denials: Denial[]
  /** How long a delta link can be followed. */
  expireChangeTrackingDays: number
}

/** Row versions start above what a float can hold, so that a client which reads them as one is found out. */
const versionBase = 2n ** 53n

export function versionText(version: number): string {
  return String(versionBase + BigInt(version))
}

/** The version that a text stands for; 0 for one before all. */
export function versionOf(text: string): number {
  return /^\d+$/.test(text) ? Math.max(0, Number(BigInt(text) - versionBase)) : 0
}

export function etagOf(version: number): string {
  return `W/"${versionText(version)}"`
}

export function createOrganization(
  time: SimulatedTime,
  sources: ReadonlyMap<string, RowSource>,
  plugIns: readonly PlugIn[],
): Organization {
  const tables = new Map<string, Table>()
  const options = new Map<string, readonly Option[]>()
  let version = 0
  for (const model of entityModels) {
    const source = sources.get(model.logicalName) ?? noRows
    version += source.count
    tables.set(model.logicalName, tableOf(model, source))
  }
  return {
    time,
    table(entity) {
      const table = tables.get(entity) ?? tableOf(entityNamed(entity), noRows)
      tables.set(entity, table)
      return table
    },
    takeVersion: () => ++version,
    lastVersion: () => version,
    optionsOf: (entity, column) => options.get(`${entity}.${column.name}`) ?? column.options,
    setOption(entity, column, option) {
      const name = `${entity}.${column}`
      const model = entityModels.find((each) => each.logicalName === entity)
      const before = options.get(name) ?? model?.columnsByName.get(column)?.options ?? []
      const others = before.filter((each) => each.value !== option.value)
      options.set(
        name,
        [...others, option].sort((a, b) => a.value - b.value),
      )
    },
    plugIns: [...plugIns],
    denials: [],
    expireChangeTrackingDays: 7,
  }
}

/** Lookups by which other tables search: who is deleted or counted with the record. */
const searchedLookups: Readonly<Record<string, readonly string[]>> = {
  account: ['primarycontactid'],
  contact: ['parentcustomerid'],
  uom: ['uomscheduleid'],
  productpricelevel: ['productid'],
}

function tableOf(model: EntityModel, source: RowSource): Table {
  const rule = model.duplicateRule
  const searched = searchedLookups[model.logicalName] ?? []
  const columnLists = [
    ...model.alternateKeys.map((key) => key.columns),
    ...searched.map((column) => [column]),
    ...(rule ? [rule] : []),
  ]
  const indexes = columnLists.map((columns): [string, (row: Row) => readonly Cell[] | null] => [
    indexName(columns),
    (row) => {
      const values = columns.map((column) => row[column] ?? null)
      return values.includes(null) ? null : values
    },
  ])
  return createTable({
    name: model.logicalName,
    source,
    indexes: Object.fromEntries(indexes),
    compareKeys: compareGuids,
  })
}

export const indexName = (columns: readonly string[]): string => columns.join(',')

export function hasIndex(model: EntityModel, column: string): boolean {
  const searched = searchedLookups[model.logicalName] ?? []
  return searched.includes(column) || model.alternateKeys.some((key) => indexName(key.columns) === column)
}

/** As SQL Server orders GUIDs: the last group first, then the others backwards. */
function compareGuids(a: string, b: string): number {
  for (const [from, to] of guidGroups) {
    const [left, right] = [a.slice(from, to), b.slice(from, to)]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** The first three groups are kept with their bytes turned round. */
const guidGroups = [
  [24, 36],
  [19, 23],
  [16, 18],
  [14, 16],
  [11, 13],
  [9, 11],
  [6, 8],
  [4, 6],
  [2, 4],
  [0, 2],
] as const
