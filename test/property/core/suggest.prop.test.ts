import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FieldSchema, FieldType, TableSchema } from '../../../src/core/mapping/schema.ts'
import { suggestMapping } from '../../../src/core/mapping/suggest.ts'
import { typeFit } from '../../../src/core/mapping/type-fit.ts'
import { present } from '../../../src/lib/assert.ts'
import { parseMappingFile, printMappingFile } from '../../../src/usecases/mapping-files.ts'

const type: fc.Arbitrary<FieldType> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), maxLength: fc.option(fc.integer({ min: 1, max: 99 })) }),
  fc.record({ kind: fc.constant('code' as const), maxLength: fc.constant(20) }),
  fc.record({ kind: fc.constant('integer' as const), bits: fc.constantFrom(16, 32, 64) }),
  fc.record({
    kind: fc.constant('decimal' as const),
    precision: fc.constant(18),
    scale: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ kind: fc.constant('option' as const), values: fc.constant([0, 1]) }),
  fc.record({
    kind: fc.constantFrom('boolean', 'date', 'time', 'instant', 'moment', 'uuid', 'json', 'bytes'),
  }),
) as fc.Arbitrary<FieldType>
const name = fc.oneof(
  fc.constantFrom(
    'No.',
    'number',
    'Name',
    'name',
    'E-Mail',
    'emailaddress1',
    'Post Code',
    'postalcode',
    'modified',
  ),
  fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', 'c', ' ', '_', '.', 'é', '日') }),
)
const field: fc.Arbitrary<FieldSchema> = fc.record({
  name,
  type,
  nullable: fc.boolean(),
  writable: fc.boolean(),
  hasDefault: fc.boolean(),
})

function tableOf(fields: readonly FieldSchema[], isUuid: boolean): TableSchema {
  const key = isUuid ? 'row id' : present(fields[0], 'field').name
  const row: FieldSchema = {
    name: 'row id',
    type: { kind: 'uuid' },
    nullable: false,
    writable: true,
    hasDefault: false,
  }
  return {
    table: 'some table',
    fields: new Map([...(isUuid ? [row] : []), ...fields].map((each) => [each.name, each])),
    keyFields: [key],
    creation: 'given',
    modifiedField: null,
    exactVersions: true,
    maxServerRunMs: 0,
    estimatedRows: null,
  }
}

const fields = fc.uniqueArray(field, { minLength: 1, maxLength: 12, selector: (each) => each.name })
const table = fc.tuple(fields, fc.boolean()).map(([list, isUuid]) => tableOf(list, isUuid))
const shuffled = (schema: TableSchema): TableSchema => ({
  ...schema,
  fields: new Map([...schema.fields].reverse()),
})

it('uses each field once, and pairs only what can be converted the way it goes', () => {
  fc.assert(
    fc.property(table, table, (local, remote) => {
      const { definition } = suggestMapping('X', { local, remote }) ?? { definition: null }
      if (definition === null) return
      for (const side of ['local', 'remote'] as const) {
        const used = definition.fields.map((row) => row[side])
        expect(new Set(used).size).toBe(used.length)
      }
      for (const row of definition.fields) {
        const from = present(local.fields.get(row.local ?? ''), 'local field')
        const to = present(remote.fields.get(row.remote ?? ''), 'remote field')
        if (row.direction !== 'FromIntegrationTable')
          expect([to.writable, typeFit(from.type, to.type) !== 'never']).toEqual([true, true])
        if (row.direction !== 'ToIntegrationTable')
          expect([from.writable, typeFit(to.type, from.type) !== 'never']).toEqual([true, true])
      }
    }),
  )
})

it('is the same whatever the order of the fields', () => {
  fc.assert(
    fc.property(table, table, (local, remote) => {
      const once = suggestMapping('X', { local, remote })?.definition
      const again = suggestMapping('X', { local: shuffled(local), remote: shuffled(remote) })?.definition
      const withoutGuess = (side: { table: string }) => side.table
      expect(
        again && { ...again, local: withoutGuess(again.local), remote: withoutGuess(again.remote) },
      ).toEqual(once && { ...once, local: withoutGuess(once.local), remote: withoutGuess(once.remote) })
    }),
  )
})

it('can be written as a file and read again', () => {
  fc.assert(
    fc.property(table, table, (local, remote) => {
      const definition = suggestMapping('X', { local, remote })?.definition
      if (definition === undefined) return
      const { definitions, problems } = parseMappingFile(printMappingFile(definition), 'x.yaml')
      expect(problems).toEqual([])
      expect(definitions).toEqual([definition])
    }),
  )
})

it('is complete and without a fault between two tables of the same writable fields with uuid keys', () => {
  const plain = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('colour', 'weight', 'height', 'town', 'owner'),
      type: fc.constant<FieldType>({ kind: 'text', maxLength: 20 }),
      nullable: fc.constant(true),
      writable: fc.constant(true),
      hasDefault: fc.constant(false),
    }),
    { minLength: 1, selector: (each) => each.name },
  )
  fc.assert(
    fc.property(plain, (list) => {
      const found = suggestMapping('X', {
        local: tableOf(list, true),
        remote: tableOf([...list].reverse(), true),
      })
      expect(found?.problems).toEqual([])
      expect(found?.definition.fields.map((row) => [row.local, row.remote]).sort()).toEqual(
        list.map((each) => [each.name, each.name]).sort(),
      )
    }),
  )
})
