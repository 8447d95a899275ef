import { describe, expect, test } from 'vitest'
import type { FieldType } from '../../../src/core/mapping/schema.ts'
import type { ContractSystem, ContractTable } from './harness.ts'
import { insertOf, open, readAll, recordOf, uniqueTable, write } from './support.ts'
import type { NonNullableValue } from './value-samples.ts'
import { samples } from './value-samples.ts'

export function valuesContract(getSystem: () => ContractSystem): void {
  describe('values', () => {
    test.each(Object.entries(samples))('%s comes back exactly as it was written', async (kind, list) => {
      const table = await open(getSystem(), tableOf(kind as FieldType['kind']))
      const operations = list.map((value, index) => insertOf({ id: `int:${index}`, value }, `int:${index}`))
      const results = await write(table, operations, ['value'])
      expect(results.map((result) => recordOf(result).values['value'])).toEqual(list)
      const read = await readAll(table, ['id', 'value'])
      expect(valuesById(read)).toEqual(new Map(list.map((value, index) => [`int:${index}`, value])))
    })

    test('null and blank are different values', async () => {
      const table = await open(getSystem(), tableOf('text'))
      await write(table, [
        insertOf({ id: 'int:1', value: null }, 'int:1'),
        insertOf({ id: 'int:2', value: 'text:' }, 'int:2'),
      ])
      expect(await readAll(table, ['value'], { field: 'value', op: 'is null' })).toMatchObject([
        { key: 'int:1', values: { value: null } },
      ])
      expect(await readAll(table, ['value'], { field: 'value', op: '=', value: 'text:' })).toMatchObject([
        { key: 'int:2', values: { value: 'text:' } },
      ])
    })

    test.each(Object.entries(samples).filter(([kind]) => kind !== 'json' && kind !== 'bytes'))(
      '%s can be found by a filter',
      async (kind, list) => {
        const table = await open(getSystem(), tableOf(kind as FieldType['kind']))
        await write(
          table,
          list.map((value, index) => insertOf({ id: `int:${index}`, value }, `int:${index}`)),
        )
        for (const value of list) {
          const found = await readAll(table, ['value'], { field: 'value', op: '=', value })
          expect(found.map((record) => record.values['value'])).toEqual([value])
        }
      },
    )
  })
}

function tableOf(kind: FieldType['kind']): ContractTable {
  return {
    table: uniqueTable('Value'),
    fields: [
      { name: 'id', type: { kind: 'integer', bits: 64 } },
      { name: 'value', type: typeOf(kind) },
    ],
    keyFields: ['id'],
  }
}

function typeOf(kind: FieldType['kind']): FieldType {
  if (kind === 'text' || kind === 'code') return { kind, maxLength: null }
  if (kind === 'integer') return { kind, bits: 64 }
  if (kind === 'decimal') return { kind, precision: null, scale: null }
  return kind === 'option' ? { kind, values: [0] } : { kind }
}

function valuesById(
  records: readonly { key: string; values: Readonly<Record<string, NonNullableValue | null>> }[],
) {
  return new Map(records.map((record) => [record.key, record.values['value']]))
}
