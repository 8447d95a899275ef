import type { FieldType } from '../../core/mapping/schema.ts'
import type { Values } from '../../core/values/value.ts'
import { expect } from './expect.ts'
import type { ContractTable, FieldKind } from './harness.ts'
import type { ContractSuite } from './suite.ts'
import { insertOf, open, readAll, recordOf, uniqueTable, write } from './support.ts'
import type { NonNullableValue } from './value-samples.ts'
import { samples as everySample } from './value-samples.ts'

export function valuesContract({ describe, test, getSystem, samples }: ContractSuite): void {
  const kinds = Object.entries({ ...everySample, ...samples }) as [FieldKind, readonly NonNullableValue[]][]
  describe('values', () => {
    for (const [kind, list] of kinds) {
      test(`${kind} is read exactly as it was entered`, [`kind:${kind}`], async () => {
        const definition = tableOf(kind)
        const table = await open(getSystem(), definition)
        const records = list.map((value, index): Values => ({ id: `int:${index}`, value }))
        await getSystem().insert(definition.table, ...records)
        expect(valuesById(await readAll(table, ['id', 'value']))).toEqual(byIndex(list))
      })

      test(`${kind} comes back exactly as it was written`, ['writing', `kind:${kind}`], async () => {
        const table = await open(getSystem(), tableOf(kind))
        const operations = list.map((value, index) => insertOf({ id: `int:${index}`, value }, `int:${index}`))
        const results = await write(table, operations, ['value'])
        expect(results.map((result) => recordOf(result).values['value'])).toEqual(list)
        expect(valuesById(await readAll(table, ['id', 'value']))).toEqual(byIndex(list))
      })

      if (kind === 'json' || kind === 'bytes') continue
      test(`${kind} can be found by a filter`, [`kind:${kind}`], async () => {
        const definition = tableOf(kind)
        const table = await open(getSystem(), definition)
        const records = list.map((value, index): Values => ({ id: `int:${index}`, value }))
        await getSystem().insert(definition.table, ...records)
        for (const value of list) {
          const found = await readAll(table, ['value'], { field: 'value', op: '=', value })
          expect(found.map((record) => record.values['value'])).toEqual([value])
        }
      })
    }

    test('null and blank are different values', ['null'], async () => {
      const definition = tableOf('text')
      const table = await open(getSystem(), definition)
      await getSystem().insert(
        definition.table,
        { id: 'int:1', value: null },
        { id: 'int:2', value: 'text:' },
      )
      expect(await readAll(table, ['value'], { field: 'value', op: 'is null' })).toMatchObject([
        { key: 'int:1', values: { value: null } },
      ])
      expect(await readAll(table, ['value'], { field: 'value', op: '=', value: 'text:' })).toMatchObject([
        { key: 'int:2', values: { value: 'text:' } },
      ])
    })
  })
}

function byIndex(list: readonly NonNullableValue[]): ReadonlyMap<string, NonNullableValue> {
  return new Map(list.map((value, index) => [`int:${index}`, value]))
}

function tableOf(kind: FieldKind): ContractTable {
  return {
    table: uniqueTable('Value'),
    fields: [
      { name: 'id', type: { kind: 'integer', bits: 64 } },
      { name: 'value', type: typeOf(kind) },
    ],
    keyFields: ['id'],
  }
}

function typeOf(kind: FieldKind): FieldType {
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
