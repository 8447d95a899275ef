import type { Cell, CellType } from '../../kit/cells.ts'

export type ColumnKind =
  | 'key'
  | 'text'
  | 'memo'
  | 'choice'
  | 'state'
  | 'status'
  | 'boolean'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'money'
  | 'datetime'
  | 'moment'
  | 'date'
  | 'lookup'

/** One value of a choice; a status also names the state it belongs to. */
export interface Option {
  readonly value: number
  readonly label: string
  readonly state?: number
}

/** A table that a lookup may point to, and the navigation property that binds it (connectors.md A.6). */
export interface Target {
  readonly entity: string
  readonly navigation: string
}

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  /** Characters; null for columns that hold no text. */
  readonly maxLength: number | null
  readonly min: number | null
  readonly max: number | null
  /** Decimals of a number. */
  readonly scale: number
  /** Must have a value in every record. */
  readonly required: boolean
  /** False for what the system works out itself. */
  readonly writable: boolean
  readonly default: Cell
  readonly options: readonly Option[]
  readonly targets: readonly Target[]
}

export interface AlternateKey {
  readonly name: string
  readonly columns: readonly string[]
}

/** A table as Dataverse describes it; data only. */
export interface EntityDefinition {
  readonly logicalName: string
  readonly entitySet: string
  readonly key: string
  /** The column people know a record by; null where there is none. */
  readonly nameColumn: string | null
  readonly typeCode: number
  readonly columns: readonly Column[]
  readonly alternateKeys: readonly AlternateKey[]
  readonly changeTracking: boolean
  /** The table has CreateMultiple, UpdateMultiple and UpsertMultiple. */
  readonly bulk: boolean
  /** Columns that a duplicate-detection rule compares; only asked for by a header (connectors.md A.11). */
  readonly duplicateRule: readonly string[] | null
  /** States in which a record refuses every change but that of its state. */
  readonly readOnlyStates: readonly number[]
  /** Columns of other tables that point here and refuse that this record is deleted while they do. */
  readonly restrictedBy: readonly { readonly entity: string; readonly column: string }[]
  /** What a plug-in of the table makes of values, whoever writes them. */
  readonly normalises: { readonly upperCase: readonly string[]; readonly wholeNumbers: readonly string[] }
  /** Columns of other tables that are emptied when this record is deleted. */
  readonly unlinks: readonly { readonly entity: string; readonly column: string }[]
}

type Extra = Partial<Omit<Column, 'name' | 'kind'>>

export const column = (name: string, kind: ColumnKind, extra: Extra): Column => ({
  name,
  kind,
  maxLength: null,
  min: null,
  max: null,
  scale: 0,
  required: false,
  writable: true,
  default: null,
  options: [],
  targets: [],
  ...extra,
})

export const required: Extra = { required: true }
export const computed: Extra = { writable: false }

export const text = (name: string, maxLength: number, extra: Extra = {}) =>
  column(name, 'text', { maxLength, ...extra })
export const memo = (name: string, maxLength: number) => column(name, 'memo', { maxLength })
export const boolean = (name: string, initial: boolean) =>
  column(name, 'boolean', { default: initial, required: true })
export const int = (name: string, min: number, max: number, extra: Extra = {}) =>
  column(name, 'int', { min, max, ...extra })
export const decimal = (name: string, scale: number, extra: Extra = {}) =>
  column(name, 'decimal', { scale, min: -100_000_000_000, max: 100_000_000_000, ...extra })
const datetime = (name: string, extra: Extra = {}) => column(name, 'datetime', extra)
export const date = (name: string) => column(name, 'date', {})

/** A money column and the one that holds the same in the base currency. */
export const money = (name: string, min: number, max: number): Column[] => [
  column(name, 'money', { scale: 4, min, max }),
  column(`${name}_base`, 'money', { scale: 4, ...computed }),
]

/** Options written as `value label`; a status also as `value label (state)`. */
export const choice = (name: string, options: readonly string[], extra: Extra = {}) =>
  column(name, 'choice', { options: options.map(optionOf), ...extra })

/** State and status; the first status of a state is its default, and the first state that of a new record. */
export const states = (
  stateOptions: readonly string[],
  statusOptions: readonly string[],
  initial = 0,
): Column[] => {
  const statuses = statusOptions.map(optionOf)
  const status = statuses.find((option) => option.state === initial)
  return [
    column('statecode', 'state', { options: stateOptions.map(optionOf), default: initial, required: true }),
    column('statuscode', 'status', { options: statuses, default: status?.value ?? null }),
  ]
}

/** The states most tables have. */
export const activeOrInactive = states(['0 Active', '1 Inactive'], ['1 Active (0)', '2 Inactive (1)'])

/** A lookup to one table, bound by its own name; or to several, written as `table navigation`. */
export const lookup = (name: string, targets: string | readonly string[], extra: Extra = {}) =>
  column(name, 'lookup', {
    targets: (typeof targets === 'string' ? [`${targets} ${name}`] : targets).map((each) => {
      const [entity = '', navigation = ''] = each.split(' ')
      return { entity, navigation }
    }),
    ...extra,
  })

export const owner = lookup('ownerid', ['systemuser ownerid', 'team ownerid'])
export const currencyColumns: readonly Column[] = [
  lookup('transactioncurrencyid', 'transactioncurrency'),
  decimal('exchangerate', 12, computed),
]

type Given = Pick<EntityDefinition, 'logicalName' | 'entitySet' | 'typeCode'> &
  Partial<Omit<EntityDefinition, 'columns' | 'key'>> & {
    readonly columns: readonly Column[]
    readonly key?: string
  }

/** Adds what every table has: its key, times, who made and changed it, and the version. */
export function entity(given: Given): EntityDefinition {
  const key = given.key ?? `${given.logicalName}id`
  return {
    nameColumn: 'name',
    alternateKeys: [],
    changeTracking: true,
    bulk: true,
    duplicateRule: null,
    readOnlyStates: [],
    restrictedBy: [],
    normalises: { upperCase: [], wholeNumbers: [] },
    unlinks: [],
    ...given,
    key,
    columns: [
      column(key, 'key', {}),
      ...given.columns,
      datetime('createdon', computed),
      datetime('modifiedon', computed),
      lookup('createdby', 'systemuser', computed),
      lookup('modifiedby', 'systemuser', computed),
      column('versionnumber', 'bigint', computed),
    ],
  }
}

/** How the cells of a column are kept. */
export function cellTypeOf(kind: ColumnKind): CellType {
  return cellTypes[kind]
}

const cellTypes: Record<ColumnKind, CellType> = {
  key: 'guid',
  text: 'text',
  memo: 'text',
  choice: 'int',
  state: 'int',
  status: 'int',
  boolean: 'boolean',
  int: 'int',
  bigint: 'int64',
  decimal: 'decimal',
  money: 'decimal',
  datetime: 'datetime',
  moment: 'datetime',
  date: 'date',
  lookup: 'guid',
}

function optionOf(written: string): Option {
  const match = /^(\d+) (.*?)(?: \((\d+)\))?$/.exec(written)
  const base = { value: Number(match?.[1]), label: match?.[2] ?? '' }
  return match?.[3] === undefined ? base : { ...base, state: Number(match[3]) }
}
