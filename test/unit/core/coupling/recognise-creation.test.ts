import { describe, expect, it } from 'vitest'
import { mayBeCreatedBy, recogniseCreations } from '../../../../src/core/coupling/recognise-creation.ts'
import type { FieldSchema } from '../../../../src/core/mapping/schema.ts'
import type { RecordSnapshot } from '../../../../src/core/ports/connector.ts'
import type { Values } from '../../../../src/core/values/value.ts'

const instant = { name: 'modified', type: { kind: 'instant' } } as FieldSchema
const times = { fields: new Map([['modified', instant]]), modifiedField: 'modified' }
const sentAt = '2024-05-01T10:00:00.000Z'
const berlin = { name: 'text:Adatum', city: 'text:Berlin', phone: 'text:1', fax: null } as const

function record(key: string, values: Values, modifiedAt = '2024-05-01T10:00:01.000000Z'): RecordSnapshot {
  return { key, version: '1', modifiedAt, values }
}

const keysOf = (sent: readonly (readonly Values[])[], candidates: readonly RecordSnapshot[]) =>
  recogniseCreations(
    sent.map((attempts) => attempts.map((values) => ({ values, sentAt }))),
    candidates,
    times,
  ).map((found) => found?.key ?? null)

describe('a creation whose answer was lost', () => {
  it('is recognised by the values that were sent, whatever else its record holds', () => {
    const found = record('int:1', { ...berlin, name: 'text:ADATUM', number: 'text:C1' })
    expect(
      keysOf([[berlin]], [record('int:2', { ...berlin, name: 'text:B', city: null, phone: null }), found]),
    ).toEqual(['int:1'])
  })

  it.each<[string, Values, string | null]>([
    ['most of the filled values', { city: 'text:Rome' }, 'int:1'],
    ['only some of them', { city: 'text:Rome', phone: 'text:2' }, null],
    ['nothing but blanks', { name: 'text:x', city: 'text:y', phone: 'text:z' }, null],
  ])('has been edited since, and holds %s', (_what, edited, expected) => {
    expect(keysOf([[berlin]], [record('int:1', { ...berlin, ...edited })])).toEqual([expected])
  })

  it('is no record that was there before, as far as clocks may be apart', () => {
    const at = (time: string) => keysOf([[berlin]], [record('int:1', berlin, time)])
    expect(at('2024-05-01T09:54:59.000000Z')).toEqual([null])
    expect(at('2024-05-01T09:55:01.000000Z')).toEqual(['int:1'])
  })

  it('may have been sent several times, with other values', () => {
    const rome: Values = { ...berlin, name: 'text:Contoso', city: 'text:Rome' }
    expect(keysOf([[rome, berlin]], [record('int:1', berlin)])).toEqual(['int:1'])
  })

  it('gets the record that holds most, and no record belongs to two', () => {
    const munich: Values = { ...berlin, city: 'text:Munich' }
    const candidates = [record('int:1', munich), record('int:2', berlin)]
    expect(keysOf([[berlin], [munich]], candidates)).toEqual(['int:2', 'int:1'])
    expect(keysOf([[berlin], [munich]], candidates.slice(0, 1))).toEqual([null, 'int:1'])
    expect(
      keysOf([[berlin], [berlin], [berlin]], [record('int:1', berlin), record('int:2', berlin)]),
    ).toEqual(['int:1', 'int:2', null])
  })

  it('is not recognised where nothing was sent', () => {
    expect(keysOf([[{ name: null }], [{}]], [record('int:1', { name: null })])).toEqual([null, null])
  })

  it('may be what a new record of the other direction is', () => {
    const isLike = (values: Values) =>
      mayBeCreatedBy([{ values: berlin, sentAt }], record('int:1', values), times)
    expect([isLike(berlin), isLike({ ...berlin, name: 'text:x', city: 'text:y' })]).toEqual([true, false])
  })
})
