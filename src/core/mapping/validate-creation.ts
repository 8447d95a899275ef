import {
  destinationSide,
  type JobDirection,
  jobDirections,
  type MappingDefinition,
  type Side,
} from './definition.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import type { TableSchema } from './schema.ts'
import { allValues } from './templates.ts'
import { enabledFields, writtenDirections } from './validate-field.ts'
import type { Schemas } from './validate-types.ts'

/** Whether the mapping can create records on each side it writes: once only, and with every required field. */
export function validateCreation(definition: MappingDefinition, schemas: Schemas): readonly MappingProblem[] {
  return jobDirections(definition.direction).flatMap((direction) => {
    const side = destinationSide[direction]
    const mapped = mappedDestinations(definition, direction)
    return [
      ...(definition.acceptDuplicateRisk ? [] : checkKey(schemas[side], mapped, side)),
      ...checkRequired(schemas[side], new Set([...mapped, ...alwaysGiven(definition, side)]), side),
    ]
  })
}

function mappedDestinations(definition: MappingDefinition, direction: JobDirection): ReadonlySet<string> {
  const names = enabledFields(definition)
    .filter(({ field }) => writtenDirections(definition, field).includes(direction))
    .map(({ field }) => field[destinationSide[direction]])
  return new Set(names.filter((name) => name !== undefined))
}

/** Fields that every new record gets, whichever template is used for it. */
function alwaysGiven({ templates }: MappingDefinition, side: Side): readonly string[] {
  const tried = templates.filter((template) => template.side === side).sort((a, b) => a.priority - b.priority)
  const last = tried.findIndex((template) => !template.filter?.trim())
  if (last < 0) return []
  const possible = tried.slice(0, last + 1).map((template) => Object.keys(allValues(template, templates)))
  return possible.reduce((common, fields) => common.filter((field) => fields.includes(field)))
}

/** A new record must be recognised when the answer to its creation was lost (architecture.md §4.3). */
function checkKey(schema: TableSchema, mapped: ReadonlySet<string>, side: string): MappingProblem[] {
  if (schema.creation === 'receipt' || schema.recognisable || hasDerivableKey(schema)) return []
  const isMapped = (name: string) => mapped.has(name)
  if (schema.keyFields.every(isMapped) || (schema.businessKey?.every(isMapped) ?? false)) return []
  const missing = (schema.businessKey ?? schema.keyFields).filter((name) => !mapped.has(name))
  const reason = whyUnsafe(schema, missing)
  const message = `Records cannot be created safely in the ${side} table: ${reason}`
  return [
    mappingProblem('CREATE_NOT_IDEMPOTENT', side, missing.join(', '), message, {
      remedy:
        'Map the key, use a uuid key, let the connection keep receipts (allowed by its settings, and by the privileges of its user), or set acceptDuplicateRisk.',
    }),
  ]
}

function whyUnsafe({ table, creation }: TableSchema, missing: readonly string[]): string {
  switch (creation) {
    case 'unsafe':
      return `table ${table} makes its keys itself and nothing guards against creating a record twice`
    case 'business-key':
      return `table ${table} makes its keys itself, and ${missing.join(', ')}, by which a record would be found again, is not mapped`
    default:
      return `its key field ${missing.join(', ')} is neither a uuid nor mapped`
  }
}

function hasDerivableKey(schema: TableSchema): boolean {
  const [only, ...more] = schema.keyFields
  const type = only === undefined ? undefined : schema.fields.get(only)?.type
  return schema.creation === 'given' && more.length === 0 && type?.kind === 'uuid'
}

function checkRequired(schema: TableSchema, mapped: ReadonlySet<string>, side: string): MappingProblem[] {
  return [...schema.fields.values()]
    .filter((field) => !field.nullable && !field.hasDefault && field.writable)
    .filter((field) => !mapped.has(field.name) && !schema.keyFields.includes(field.name))
    .map((field) => {
      const message = `New ${side} records need a value in ${schema.table}.${field.name}, which no field mapping gives`
      const remedy = `Map ${field.name}, give it a constant, or give the column a default.`
      return mappingProblem('VALUE_MISSING', 'fields', field.name, message, { severity: 'warning', remedy })
    })
}
