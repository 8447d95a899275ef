import type { Cell } from '../../kit/cells.ts'
import type { SimAnswer, SimRequest } from '../../kit/http.ts'
import { compileFilter } from '../../kit/odata/evaluate.ts'
import { parseFilter } from '../../kit/odata/filter.ts'
import { parseList, parseQuery } from '../../kit/odata/query.ts'
import { odataAnswer, rootOf } from '../answers.ts'
import type { Caller } from '../caller.ts'
import { type EntityModel, entityModels, findEntity } from '../entities/model.ts'
import { problems } from '../problems.ts'
import {
  attributeMetadata,
  castOf,
  entityMetadata,
  keyMetadata,
  type Metadata,
  optionSetMetadata,
  relationshipMetadata,
} from './definitions.ts'

type Options = ReadonlyMap<string, string>

/** `EntityDefinitions…`: tables, and below one of them its columns, keys and lookups. */
export function answerDefinitions(
  caller: Caller,
  [first = '', part, ...rest]: readonly string[],
  request: SimRequest,
): SimAnswer {
  const options = parseQuery(request.query)
  const context = `${rootOf(caller)}/$metadata#EntityDefinitions`
  const named = /^EntityDefinitions\((.*)\)$/.exec(first)?.[1]
  if (named === undefined) {
    const all = filtered(entityModels.map(entityMetadata), options)
    return listOf(
      context,
      all.map((each) => shaped(each, options, expandTable(caller, each, options))),
    )
  }
  const model = modelNamed(named)
  if (part === undefined) {
    const definition = entityMetadata(model)
    const body = shaped(definition, options, expandTable(caller, definition, options))
    return odataAnswer(200, JSON.stringify({ '@odata.context': `${context}/$entity`, ...body }))
  }
  return answerPart(caller, model, part, rest, options, context)
}

function answerPart(
  caller: Caller,
  model: EntityModel,
  part: string,
  rest: readonly string[],
  options: Options,
  context: string,
): SimAnswer {
  const single = /^Attributes\(LogicalName='(\w+)'\)$/.exec(part)?.[1]
  const cast = rest[0]?.replace('Microsoft.Dynamics.CRM.', '')
  if (part === 'Keys')
    return listOf(
      context,
      filtered(keyMetadata(model), options).map((each) => shaped(each, options)),
    )
  if (part === 'ManyToOneRelationships') {
    return listOf(
      context,
      filtered(relationshipMetadata(model), options).map((each) => shaped(each, options)),
    )
  }
  if (part !== 'Attributes' && single === undefined) throw problems.noSegment(part)
  const attributes = attributesOf(caller, model, cast, options)
  if (single === undefined) return listOf(context, attributes)
  const found = attributes.find((each) => each['LogicalName'] === single)
  if (!found) throw problems.notFound('attribute', single)
  return odataAnswer(200, JSON.stringify({ '@odata.context': `${context}/$entity`, ...found }))
}

/** Options are shown only below a cast to a type that has them, as in Dataverse. */
function attributesOf(
  caller: Caller,
  model: EntityModel,
  cast: string | undefined,
  options: Options,
): readonly Metadata[] {
  const columns = model.columns.filter((column) => cast === undefined || castOf(column) === cast)
  const withOptions = /OptionSet/.test(options.get('$expand') ?? '') && cast !== undefined
  const all = columns.map((column) => {
    const optionSet = withOptions ? { OptionSet: optionSetMetadata(caller.organization, model, column) } : {}
    return { metadata: attributeMetadata(model, column), optionSet }
  })
  const kept = new Set(
    filtered(
      all.map((each) => each.metadata),
      options,
    ),
  )
  return all
    .filter((each) => kept.has(each.metadata))
    .map(({ metadata, optionSet }) => shaped(metadata, options, optionSet))
}

function modelNamed(text: string): EntityModel {
  const name = /^LogicalName='(\w+)'$/.exec(text)?.[1]
  const found =
    name === undefined
      ? entityModels.find((model) => entityMetadata(model)['MetadataId'] === text.toLowerCase())
      : findEntity(name)
  if (!found) throw problems.notFound('entity', name ?? text)
  return found
}

function expandTable(caller: Caller, definition: Metadata, options: Options): Metadata {
  const model = findEntity(String(definition['LogicalName']))
  const parts: Record<string, unknown> = {}
  for (const item of parseList(options.get('$expand') ?? '')) {
    const [, name = '', inner = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(item) ?? []
    const innerOptions = new Map(
      inner.split(';').map((each): [string, string] => {
        const [key = '', ...value] = each.split('=')
        return [key, value.join('=')]
      }),
    )
    if (!model) continue
    if (name === 'Attributes') parts[name] = attributesOf(caller, model, undefined, innerOptions)
    else if (name === 'Keys') parts[name] = keyMetadata(model).map((each) => shaped(each, innerOptions))
    else if (name === 'ManyToOneRelationships') {
      parts[name] = relationshipMetadata(model).map((each) => shaped(each, innerOptions))
    } else throw problems.query(`'${name}' cannot be expanded here.`)
  }
  return parts
}

function shaped(metadata: Metadata, options: Options, more: Metadata = {}): Metadata {
  const select = parseList(options.get('$select') ?? '')
  const kept =
    select.length === 0
      ? metadata
      : Object.fromEntries(
          ['@odata.type', ...select, 'MetadataId']
            .filter((name) => name in metadata)
            .map((name) => [name, metadata[name]]),
        )
  return { ...kept, ...more }
}

function filtered(all: readonly Metadata[], options: Options): readonly Metadata[] {
  const filter = options.get('$filter')
  if (filter === undefined) return all
  const test = compileFilter<Metadata>(parseFilter(filter), {
    hasWildcards: false,
    call: (call) => {
      throw problems.query(`An unknown function with name '${call.name}' was found.`)
    },
    lambda: () => () => true,
    field: ({ names }) => {
      const path = names.join('/')
      const sample = all[0] && valueAt(all[0], path)
      const type = typeof sample === 'boolean' ? 'boolean' : typeof sample === 'number' ? 'int' : 'text'
      return { type, read: (metadata) => valueAt(metadata, path) }
    },
  })
  return all.filter(test)
}

function valueAt(metadata: Metadata, path: string): Cell {
  let value: unknown = metadata
  for (const name of path.split('/')) value = (value as Metadata | null | undefined)?.[name]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function listOf(context: string, value: readonly Metadata[]): SimAnswer {
  return odataAnswer(200, JSON.stringify({ '@odata.context': context, value }), {}, value.length)
}
