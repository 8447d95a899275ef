import { customerEntities } from './customers.ts'
import type { Column, EntityDefinition, Option } from './definition.ts'
import { masterEntities } from './masters.ts'
import { salesEntities } from './sales.ts'

/** A table with its columns by every name they go by. */
export interface EntityModel extends EntityDefinition {
  readonly columnsByName: ReadonlyMap<string, Column>
  /** Lookup columns by navigation property and target. */
  readonly navigations: ReadonlyMap<string, { readonly column: Column; readonly entities: readonly string[] }>
}

const models = [...masterEntities, ...customerEntities, ...salesEntities].map(modelOf)
const byLogicalName = new Map(models.map((model) => [model.logicalName, model]))
const bySet = new Map(models.map((model) => [model.entitySet, model]))

/** All tables: those every organization has, and those somebody has made since this process started. */
export const entityModels: readonly EntityModel[] = models

/** Makes a table, for all organizations of this process; each has its own records. */
export function addEntity(definition: EntityDefinition): EntityModel {
  const model = modelOf(definition)
  models.push(model)
  byLogicalName.set(model.logicalName, model)
  bySet.set(model.entitySet, model)
  return model
}

/** The table with this logical name, which must be one of the simulator's. */
export function entityNamed(logicalName: string): EntityModel {
  const model = byLogicalName.get(logicalName)
  if (!model) throw new Error(`The simulator has no table '${logicalName}'.`)
  return model
}

export const findEntity = (logicalName: string): EntityModel | null => byLogicalName.get(logicalName) ?? null
export const findEntitySet = (name: string): EntityModel | null => bySet.get(name) ?? null

/** The name under which the cell of a lookup's target table is kept, where there are several. */
export const targetCell = (column: string): string => `${column}.type`

/** The table that a lookup of this row points to. */
export function targetOf(column: Column, row: Readonly<Record<string, unknown>>): string {
  const kept = row[targetCell(column.name)]
  return typeof kept === 'string' ? kept : (column.targets[0]?.entity ?? '')
}

/** The property by which a column is read. */
export function propertyOf(column: Column): string {
  return column.kind === 'lookup' ? `_${column.name}_value` : column.name
}

export function labelOf(options: readonly Option[], value: unknown): string {
  return options.find((option) => option.value === value)?.label ?? String(value)
}

function modelOf(definition: EntityDefinition): EntityModel {
  const navigations = new Map<string, { column: Column; entities: string[] }>()
  for (const column of definition.columns) {
    for (const { entity, navigation } of column.targets) {
      const found = navigations.get(navigation) ?? { column, entities: [] }
      found.entities.push(entity)
      navigations.set(navigation, found)
    }
  }
  const columnsByName = new Map(definition.columns.map((column) => [column.name, column]))
  return { ...definition, columnsByName, navigations }
}
