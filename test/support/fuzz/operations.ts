import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

type Schema = Readonly<Record<string, unknown>>

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}

/** One method of one address, as the OpenAPI document describes it. */
export interface Operation {
  readonly id: string
  readonly method: string
  /** With `{name}` for what stands in it. */
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: Schema | null
  /** What is wrong with an answer: its status, its type or its body is not documented. */
  readonly check: (status: number, type: string, body: unknown) => readonly string[]
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}
interface Described {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** Every operation of the document; each schema carries the components that it refers to. */
export function readOperations(document: OpenApi): readonly Operation[] {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  const whole = (schema: Schema) => ({ ...schema, components: document.components })
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody, responses }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
      parameters: parameters.map((each) => ({ ...each, schema: whole(each.schema) })),
      body: schemaOf(requestBody, whole),
      check: createCheck(responses, (schema) => ajv.compile(whole(schema))),
    })),
  )
}

function schemaOf(body: Content | undefined, whole: (schema: Schema) => Schema): Schema | null {
  const schema = body?.content?.['application/json']?.schema
  return schema === undefined ? null : whole(schema)
}

function createCheck(
  responses: Described['responses'],
  compile: (schema: Schema) => ValidateFunction,
): Operation['check'] {
  const compiled = new Map<Schema, ValidateFunction>()
  return (status, type, body) => {
    const described = responses[String(status)] ?? (status >= 400 ? responses['default'] : undefined)
    if (described === undefined) return [`status ${status} is not documented`]
    if (described.content === undefined) return []
    const schema = described.content[type]?.schema
    if (schema === undefined) return [`${type} is not documented for ${status}`]
    if (!type.endsWith('json')) return []
    const check = compiled.get(schema) ?? compile(schema)
    compiled.set(schema, check)
    return check(body)
      ? []
      : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  }
}
