import type { Values } from '../../core/values/value.ts'
import { present } from '../../lib/assert.ts'
import { expect } from './expect.ts'
import type { ContractSuite } from './suite.ts'
import { at, customer, customers, numbers, open, readPass, signal, sorted } from './support.ts'

const keys = (list: readonly string[]) => list.map((number) => `text:${number}`)

export function changesContract({ describe, test, can, getSystem }: ContractSuite): void {
  describe('changes', () => {
    async function setUp() {
      const definition = customers()
      const table = await open(getSystem(), definition)
      const insert = (...records: Parameters<typeof customer>[]) =>
        getSystem().insert(definition.table, ...records.map((record) => customer(...record)))
      return { table, name: definition.table, insert }
    }

    for (const limit of [1, 2, 3, 10]) {
      test(
        `records with the same time are all read, oldest first, in pages of ${limit}`,
        ['given times'],
        async () => {
          const { table, insert } = await setUp()
          await insert(['C', { modified: at('2024-01-02T00:00:00.000000Z') }])
          for (const number of ['B', 'E', 'A', 'D'])
            await insert([number, { modified: at('2024-01-01T00:00:00.000000Z') }])
          const pass = await readPass(table, { limit })
          expect(sorted(pass.keys.slice(0, 4))).toEqual(keys(['A', 'B', 'D', 'E']))
          expect(pass.keys[4]).toBe('text:C')
          expect(pass.keys).toHaveLength(5)
        },
      )
    }

    test(
      'a change a microsecond later is seen, and what is older is not read again',
      ['given times', 'microseconds'],
      async () => {
        const { table, insert } = await setUp()
        await insert(
          ['1', { modified: at('2024-01-01T00:00:00.000001Z') }],
          ['2', { modified: at('2024-01-01T00:00:00.000002Z') }],
          ['3', { modified: at('2024-01-01T00:00:00.000003Z') }],
        )
        const first = await table.readChanges({
          watermark: null,
          fields: [],
          filter: null,
          cursor: null,
          limit: 2,
          signal,
        })
        expect(first.records.map((record) => record.key)).toEqual(keys(['1', '2']))
        const later = await readPass(table, { watermark: first.watermark })
        expect(later.keys).toContain('text:3')
        expect(later.keys).not.toContain('text:1')
      },
    )

    test('after a complete pass nothing old is read again', ['given times'], async () => {
      const { table, name, insert } = await setUp()
      await insert(
        ...numbers(10).map((number): [string, Values] => [
          number,
          { modified: at('2024-01-01T00:00:00.000000Z') },
        ]),
      )
      const { watermark } = await readPass(table, { limit: 4 })
      expect((await readPass(table, { watermark })).keys).toEqual([])
      await getSystem().edit(name, 'text:005', { Name: 'text:new' })
      expect((await readPass(table, { watermark })).keys).toEqual(['text:005'])
    })

    test(
      'a pass that stops after any page goes on from the watermark of that page',
      ['given times', 'records without a time'],
      async () => {
        const { table, insert } = await setUp()
        const times = [3, 1, 2, 2, 2, 1, 5, 4, 4].map((hour) => at(`2024-01-01T0${hour}:00:00.000000Z`))
        await insert(...times.map((modified, index): [string, Values] => [String(index), { modified }]))
        await insert(['N1', { modified: null }], ['N2', { modified: null }], ['N3', { modified: null }])
        const { pages } = await readPass(table, { limit: 2 })
        for (let stop = 0; stop < pages.length; stop += 1) {
          const read = pages.slice(0, stop + 1).flatMap((page) => page.records.map((record) => record.key))
          const rest = await readPass(table, { watermark: present(pages[stop], 'page').watermark, limit: 2 })
          expect(new Set([...read, ...rest.keys]).size).toBe(times.length + 3)
        }
      },
    )

    test('only changes that pass the filter are read, with the fields asked for', async () => {
      const { table, insert } = await setUp()
      await insert(['1', { Name: 'text:a' }], ['2', { Name: 'text:b' }], ['3', { Name: 'text:a' }])
      const filter = { field: 'Name', op: '=', value: 'text:a' } as const
      const pass = await readPass(table, { filter, fields: ['Name'], limit: 1 })
      expect(sorted(pass.keys)).toEqual(keys(['1', '3']))
      expect(pass.pages[0]?.records[0]?.values).toEqual({ Name: 'text:a' })
    })

    for (const moment of ['before the pass', 'after the pass']) {
      test(
        `a transaction that commits late, having written ${moment}, is read by the next pass`,
        ['open transactions'],
        async () => {
          const { table, name, insert } = await setUp()
          await insert(['1'])
          const late = await getSystem().begin()
          if (moment === 'before the pass') await late.insert(name, customer('LATE'))
          await insert(['2'], ['3'])
          const watermark = await table.takeWatermark(signal)
          const pass = await readPass(table, { limit: 1 })
          expect(sorted(pass.keys)).toEqual(keys(['1', '2', '3']))
          if (moment === 'after the pass') await late.insert(name, customer('LATE'))
          await late.commit()
          expect((await readPass(table, { watermark: pass.watermark })).keys).toContain('text:LATE')
          expect((await readPass(table, { watermark })).keys).toContain('text:LATE')
        },
      )
    }

    test(
      'a transaction that commits between two pages is read by this pass or the next',
      ['open transactions'],
      async () => {
        const { table, name, insert } = await setUp()
        const late = await getSystem().begin()
        await late.insert(name, customer('LATE'))
        await insert(...numbers(6).map((number): [string] => [number]))
        const pass = await readPass(table, {
          limit: 2,
          between: async (_page, number) => {
            if (number === 2) await late.commit()
          },
        })
        const next = await readPass(table, { watermark: pass.watermark })
        expect([...pass.keys, ...next.keys]).toContain('text:LATE')
      },
    )

    test('records that move while the pass goes on are not lost, nor are their neighbours', async () => {
      const { table, name, insert } = await setUp()
      const times = can('given times')
      for (const [index, number] of numbers(30).entries()) {
        const modified = at(`2024-01-01T00:00:${String(index).padStart(2, '0')}.000000Z`)
        await insert([number, times ? { modified } : {}])
      }
      const versions = new Map<string, string>()
      const note = (page: { records: readonly { key: string; version: string }[] }) => {
        for (const record of page.records) versions.set(record.key, record.version)
      }
      const pass = await readPass(table, {
        limit: 3,
        between: async (page, number) => {
          note(page)
          if (number > 8) return
          await getSystem().edit(name, `text:${numbers(30)[number]}`, { Name: 'text:read before' })
          await getSystem().edit(name, `text:${numbers(30)[29 - number]}`, { Name: 'text:not read yet' })
        },
      })
      for (const page of (await readPass(table, { watermark: pass.watermark })).pages) note(page)
      const present = await table.readByKeys(keys(numbers(30)), [], signal)
      expect(sorted(versions.keys())).toEqual(keys(numbers(30)))
      for (const [key, record] of present) expect(versions.get(key)).toBe(record.version)
    })

    test('a pass ends although records change all the time', async () => {
      const { table, name, insert } = await setUp()
      await insert(...numbers(6).map((number): [string] => [number]))
      const pass = await readPass(table, {
        limit: 2,
        between: async (page) => {
          for (const { key } of page.records) await getSystem().edit(name, key, { Name: 'text:again' })
        },
      })
      expect(pass.pages.length).toBeLessThan(10)
    })

    test('a removed record disturbs no page', async () => {
      const { table, name, insert } = await setUp()
      await insert(...numbers(9).map((number): [string] => [number]))
      const pass = await readPass(table, {
        limit: 3,
        between: async (page, number) => {
          const last = page.records.at(-1)
          if (number < 3 && last) await getSystem().remove(name, last.key)
        },
      })
      expect(sorted(pass.keys)).toEqual(keys(numbers(9)))
    })

    test('records without a time are read in every pass', ['records without a time'], async () => {
      const { table, name, insert } = await setUp()
      await insert(...['A', 'B', 'C'].map((number): [string, Values] => [number, { modified: null }]), ['D'])
      const first = await readPass(table, { limit: 2 })
      expect(sorted(first.keys)).toEqual(keys(['A', 'B', 'C', 'D']))
      await getSystem().edit(name, 'text:B', { Name: 'text:new', modified: null })
      const second = await readPass(table, { watermark: first.watermark, limit: 2, fields: ['Name'] })
      expect(sorted(new Set([...second.keys, 'text:D']))).toEqual(keys(['A', 'B', 'C', 'D']))
      expect(second.keys).toHaveLength(new Set(second.keys).size)
    })

    test(
      'a time in the future hides no later change and is read in every pass',
      ['given times'],
      async () => {
        const { table, insert } = await setUp()
        await insert(
          ...['F1', 'F2', 'F3'].map((number): [string, Values] => [
            number,
            { modified: at('2999-01-01T00:00:00.000000Z') },
          ]),
          ['1'],
        )
        const first = await readPass(table, { limit: 1 })
        expect(sorted(first.keys)).toEqual(keys(['1', 'F1', 'F2', 'F3']))
        await insert(['2'])
        for (const { watermark } of first.pages) {
          expect((await readPass(table, { watermark, limit: 2 })).keys).toEqual(
            expect.arrayContaining(keys(['2', 'F1', 'F2', 'F3'])),
          )
        }
      },
    )

    test('without a modified field every pass reads the whole table', ['tables without a time'], async () => {
      const definition = customers()
      await getSystem().addTable(definition)
      const table = await getSystem().connector.openTable({ table: definition.table }, signal)
      await getSystem().insert(definition.table, ...numbers(5).map((number) => customer(number)))
      const watermark = await table.takeWatermark(signal)
      const first = await readPass(table, { limit: 2 })
      expect(sorted(first.keys)).toEqual(keys(numbers(5)))
      expect(first.pages[0]?.records[0]?.modifiedAt).toBeNull()
      expect(sorted((await readPass(table, { watermark, limit: 2 })).keys)).toEqual(keys(numbers(5)))
      expect(sorted((await readPass(table, { watermark: first.watermark })).keys)).toEqual(keys(numbers(5)))
    })
  })
}
