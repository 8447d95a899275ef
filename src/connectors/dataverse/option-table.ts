import { isMatch } from '../../core/coupling/is-match.ts'
import { type ErrorCode, problem, SyncError } from '../../core/errors.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import type { FieldSchema, FieldType, TableSchema } from '../../core/mapping/schema.ts'
import type {
  ConnectedTable,
  MatchRequest,
  Page,
  ReadRequest,
  RecordSnapshot,
  TableAddress,
  WriteOperation,
  WriteRequest,
  WriteResult,
} from '../../core/ports/connector.ts'
import { decodeKey, encodeKey, type RecordKey } from '../../core/values/key.ts'
import { rawOf, type Values } from '../../core/values/value.ts'
import type { ODataClient, RequestContext } from '../odata/client.ts'
import { failureError } from '../odata/failure.ts'
import { type Choice, type OptionSet, optionBody, publishBody, readOptionSet } from './option-metadata.ts'

export interface OptionTableSettings {
  readonly client: ODataClient
  /** Options are added and renamed; otherwise they are only read. */
  readonly mayWrite: boolean
  readonly maxServerRunMs: number
}

/**
 * The options of a choice as a table with the fields `value` (its key) and `label`, so that a code table of the other
 * system can be mapped to them (domain.md §2.5, §8.5). There are few: each request reads them all.
 */
export async function openOptionTable(
  settings: OptionTableSettings,
  choice: Choice,
  address: TableAddress,
  signal: AbortSignal,
): Promise<ConnectedTable> {
  const schema = schemaOf(address, settings, await readOptionSet(settings.client, choice, { signal }))
  return new OptionTable(settings, choice, schema)
}

class OptionTable implements ConnectedTable {
  readonly schema: TableSchema
  readonly tombstones = null
  readonly #settings: OptionTableSettings
  readonly #choice: Choice

  constructor(settings: OptionTableSettings, choice: Choice, schema: TableSchema) {
    this.#settings = settings
    this.#choice = choice
    this.schema = schema
  }

  /** Options have no time of change: each pass reads all of them. */
  takeWatermark(): Promise<string> {
    return Promise.resolve('')
  }

  async readChanges(request: ReadRequest) {
    return { ...(await this.readAll(request)), watermark: '' }
  }

  async readAll({ fields, filter, cursor, limit, signal }: ReadRequest): Promise<Page> {
    const after = cursor === null ? Number.NEGATIVE_INFINITY : Number(cursor)
    const { options } = await this.#read({ signal })
    const behind = options.filter(({ value }) => value > after)
    const page = behind.slice(0, limit)
    const passing = page.filter(
      (option) => filter === null || matchesFilter(filter, valuesOf(option), this.schema.fields),
    )
    return {
      records: passing.map((option) => this.#snapshot(option, fields)),
      next: behind.length > limit ? String(page.at(-1)?.value) : null,
    }
  }

  async readByKeys(keys: readonly RecordKey[], fields: readonly string[], signal: AbortSignal) {
    const wanted = new Set(keys)
    const { options } = await this.#read({ signal })
    const found = options.map((option) => this.#snapshot(option, fields)).filter(({ key }) => wanted.has(key))
    return new Map(found.map((record) => [record.key, record]))
  }

  async findByMatch(request: MatchRequest): Promise<readonly (readonly RecordSnapshot[])[]> {
    const { records } = await this.readAll({
      ...request,
      fields: [...request.fields, 'label', 'value'],
      cursor: null,
      limit: Number.POSITIVE_INFINITY,
    })
    return request.candidates.map((candidate) =>
      records
        .filter(({ values }) => isMatch(values, request.matchFields, candidate))
        .slice(0, request.limitPerCandidate),
    )
  }

  readAccess(): Promise<string> {
    return Promise.resolve(this.schema.table)
  }

  async listKeys(request: { cursor: string | null; limit: number; signal: AbortSignal }) {
    const { records, next } = await this.readAll({ ...request, fields: [], filter: null })
    return { keys: records.map(({ key }) => key), next }
  }

  /**
   * One option after the other. What somebody has added before and not published is published first: it would not be
   * found, and be added once more.
   */
  async write({
    operations,
    returning,
    assertMaySend,
    signal,
  }: WriteRequest): Promise<readonly WriteResult[]> {
    if (!this.#settings.mayWrite) return operations.map((operation) => this.#refused(operation))
    const context = { signal, assertMaySend }
    await this.#publish(await this.#read(context), context)
    const results: WriteResult[] = []
    for (const operation of operations) results.push(await this.#writeOne(operation, returning, context))
    await this.#publish(await this.#read(context), context)
    return results
  }

  async #writeOne(
    operation: WriteOperation,
    returning: readonly string[],
    context: RequestContext,
  ): Promise<WriteResult> {
    const set = await this.#read(context)
    if (operation.kind === 'delete') return this.#refused(operation)
    const label = rawOf(operation.values['label'] ?? 'text:')
    const same = set.options.find((option) => option.label.toLowerCase() === label.toLowerCase())
    if (operation.kind === 'insert') {
      if (same) return { status: 'exists', record: this.#snapshot(same, returning) }
      return this.#send('InsertOptionValue', operation, { set, label, value: null }, returning, context)
    }
    const value = Number(rawOf(decodeKey(operation.key)[0] ?? 'text:'))
    const option = set.options.find((each) => each.value === value)
    if (!option) return { status: 'missing' }
    if (versionOf(option) !== operation.expectedVersion) return { status: 'version-mismatch' }
    if (same && same.value !== value) return this.#taken(label, same.value)
    return this.#send('UpdateOptionValue', operation, { set, label, value }, returning, context)
  }

  async #send(
    action: 'InsertOptionValue' | 'UpdateOptionValue',
    { kind }: WriteOperation,
    { set, label, value }: { set: OptionSet; label: string; value: number | null },
    returning: readonly string[],
    context: RequestContext,
  ): Promise<WriteResult> {
    const { client } = this.#settings
    const body = optionBody(this.#choice, set, label, value)
    const answer = await client.send({ ...context, method: 'POST', path: action, body })
    if (answer.ok) {
      await this.#publish(set, context)
      const { options } = await this.#read(context)
      const written = options.find((option) => option.label === label)
      if (written) return { status: 'written', record: this.#snapshot(written, returning) }
      throw new SyncError(
        'SERVICE_FAILED',
        `${this.schema.table}: the option ${label} was taken and is not there`,
      )
    }
    if (answer.failure.status !== 400)
      throw failureError(answer.failure, `write ${this.schema.table}`, client.facts)
    return this.#rejected(refusals[kind], `${this.schema.table}: ${answer.failure.message}`, label)
  }

  async #publish(set: OptionSet, context: RequestContext): Promise<void> {
    const { client } = this.#settings
    const body = publishBody(this.#choice, set)
    const answer = await client.send({
      ...context,
      method: 'POST',
      path: 'PublishXml',
      body,
      isRepeatable: true,
    })
    if (!answer.ok) throw failureError(answer.failure, `publish ${this.schema.table}`, client.facts)
  }

  #read(context: RequestContext): Promise<OptionSet> {
    return readOptionSet(this.#settings.client, this.#choice, context)
  }

  /** Nothing is written: there is no option for a code, or an option is to be renamed or deleted. */
  #refused({ kind, ...operation }: WriteOperation): WriteResult {
    const label = 'values' in operation ? rawOf(operation.values['label'] ?? 'text:') : ''
    const reason = {
      insert: `no option stands for ${label}, and this connection makes none (writeOptions: yes)`,
      update: `this connection does not rename options (writeOptions: yes)`,
      delete: 'options are never deleted',
    }[kind]
    const code = kind === 'insert' ? 'OPTION_NOT_MAPPED' : refusals[kind]
    return this.#rejected(code, `${this.schema.table}: ${reason}`, label)
  }

  #taken(label: string, value: number): WriteResult {
    return this.#rejected(
      'MODIFY_FAILED',
      `${this.schema.table}: option ${value} is called ${label} already`,
      label,
    )
  }

  #rejected(code: ErrorCode, message: string, value: string): WriteResult {
    return { status: 'rejected', problem: problem(code, message, { field: 'label', value }) }
  }

  /** Throws FIELD_NOT_FOUND. */
  #snapshot(option: OptionSet['options'][number], fields: readonly string[]): RecordSnapshot {
    const all = valuesOf(option)
    const values = Object.fromEntries(
      fields.map((name) => {
        if (this.schema.fields.has(name)) return [name, all[name] ?? null]
        const message = `Table ${this.schema.table} has no field ${name}; it has value and label`
        throw new SyncError('FIELD_NOT_FOUND', message, { data: { field: name } })
      }),
    )
    return { key: encodeKey([`int:${option.value}`]), version: versionOf(option), modifiedAt: null, values }
  }
}

const refusals = {
  insert: 'INSERT_FAILED',
  update: 'MODIFY_FAILED',
  delete: 'DELETE_FAILED',
} as const satisfies Record<WriteOperation['kind'], ErrorCode>

function valuesOf({ value, label }: OptionSet['options'][number]): Values {
  return { value: `int:${value}`, label: label === '' ? null : `text:${label}` }
}

/** The label is all that changes. */
function versionOf({ label }: OptionSet['options'][number]): string {
  return label
}

/** Longest label Dataverse takes. */
const labelLength = 1_000

function schemaOf(
  { table, keyFields, modifiedField, versionField }: TableAddress,
  { maxServerRunMs }: OptionTableSettings,
  { options }: OptionSet,
): TableSchema {
  if (keyFields !== undefined && keyFields.join() !== 'value') {
    throw new SyncError('KEY_NOT_FOUND', `Table ${table} is keyed by value`, { data: { table } })
  }
  const extra = modifiedField ?? versionField
  if (extra !== undefined) {
    const code = modifiedField === undefined ? 'FIELD_NOT_FOUND' : 'MODIFIED_FIELD_MISSING'
    throw new SyncError(code, `Table ${table} has no field ${extra}: options have neither time nor version`, {
      data: { table, field: extra },
    })
  }
  const field = (name: string, type: FieldType, writable: boolean): [string, FieldSchema] => [
    name,
    { name, type, nullable: false, writable, hasDefault: !writable },
  ]
  return {
    table,
    fields: new Map([
      field('value', { kind: 'integer', bits: 32 }, false),
      field('label', { kind: 'text', maxLength: labelLength }, true),
    ]),
    keyFields: ['value'],
    creation: 'business-key',
    businessKey: ['label'],
    isOptionSet: true,
    modifiedField: null,
    exactVersions: true,
    maxServerRunMs,
    estimatedRows: options.length,
  }
}
