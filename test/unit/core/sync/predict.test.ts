import { describe, expect, it } from 'vitest'
import { creationToken } from '../../../../src/core/coupling/identity.ts'
import type { FieldType, TableSchema } from '../../../../src/core/mapping/schema.ts'
import { predictInsert, predictUpdate } from '../../../../src/core/sync/predict.ts'

const schemaOf = (types: Readonly<Record<string, FieldType>>, keyFields: readonly string[]): TableSchema => ({
  table: 'customer',
  fields: new Map(
    Object.entries(types).map(([name, type]) => [
      name,
      { name, type, nullable: true, writable: true, hasDefault: false },
    ]),
  ),
  keyFields,
  creation: 'given',
  modifiedField: null,
  exactVersions: true,
  maxServerRunMs: 0,
  estimatedRows: null,
})

const text: FieldType = { kind: 'text', maxLength: 10 }
const token = (sourceKey: string) =>
  creationToken({ pairId: 1, mappingId: 1, side: 'remote', sourceKey, generation: 1 })
const insert = (sourceKey: string, values = {}) =>
  ({ kind: 'insert', token: token(sourceKey), key: null, values }) as const

describe('a predicted write', () => {
  it('changes what is sent and leaves the rest, under a version that no record has', () => {
    const schema = schemaOf({ no: text, name: text, city: text }, ['no'])
    const before = {
      key: 'text:1',
      version: 'v1',
      modifiedAt: 'instant:x',
      values: { no: 'text:1', name: 'text:a', city: 'text:b' },
    } as const
    const operation = {
      kind: 'update',
      key: 'text:1',
      expectedVersion: 'v1',
      values: { no: 'text:2', name: 'text:c' },
    } as const
    const after = predictUpdate(operation, before, schema)
    expect(after).toMatchObject({
      key: 'text:2',
      values: { no: 'text:2', name: 'text:c', city: 'text:b' },
    })
    expect(after.version).not.toBe(before.version)
  })

  it('gives a new record a placeholder where others refer to it, of the type of the field', () => {
    const key = { kind: 'integer', bits: 32 } as const
    const schema = schemaOf({ id: key, no: text, name: text }, ['id'])
    const record = predictInsert(insert('A', { name: 'text:a' }), schema, ['id', 'no', 'name'], 'no')
    expect(record.key).toMatch(/^int:-\d+$/)
    expect(record.values).toMatchObject({ id: record.key, name: 'text:a' })
    expect(record.values['no']).toMatch(/^text:NEW-[0-9A-F]{6}$/)
    expect(predictInsert(insert('A'), schema, ['id', 'no'], 'no').key).toBe(record.key)
    expect(predictInsert(insert('B'), schema, ['id', 'no'], 'no').key).not.toBe(record.key)
  })

  it('keeps a key and a reference that are given', () => {
    const schema = schemaOf({ no: text, name: text }, ['no'])
    const given = { ...insert('A', { no: 'text:7' }), key: 'text:7' }
    const record = predictInsert(given, schema, ['no', 'name'], 'no')
    expect(record).toMatchObject({ key: 'text:7', values: { no: 'text:7', name: null } })
  })

  it('knows a uuid that the table would make only as one of its kind', () => {
    const schema = schemaOf({ id: { kind: 'uuid' } }, ['id'])
    expect(predictInsert(insert('A'), schema, ['id'], null).key).toMatch(/^uuid:[0-9a-f-]{36}$/)
  })
})
