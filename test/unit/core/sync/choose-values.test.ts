import { describe, expect, it } from 'vitest'
import { type ConflictWish, chooseValues, type FieldWish } from '../../../../src/core/sync/choose-values.ts'
import type { FieldConflict } from '../../../../src/core/sync/issue.ts'
import { parseLiteral } from '../../../../src/core/values/convert.ts'

const times = { local: '2024-05-01T10:00:00.000000Z', remote: '2024-05-02T10:00:00.000000Z' }
const conflict = (local: string, remote: string): FieldConflict => ({
  local: { field: local, base: 'text:0', value: 'text:1', modifiedAt: times.local },
  remote: { field: remote, base: 'text:0', value: 'text:2', modifiedAt: times.remote },
})
const conflicts = [conflict('city', 'town'), conflict('name', 'name')]

const choose = (all: FieldWish | null, byField: Record<string, FieldWish> = {}) => {
  const wish: ConflictWish = { all, byField: new Map(Object.entries(byField)) }
  return chooseValues(conflicts, wish, (_conflict, text) =>
    parseLiteral(text, { kind: 'text', maxLength: 5 }),
  )
}

describe('what somebody wants to be taken', () => {
  it('is a choice for each field, good for the values that were seen', () => {
    expect(choose({ take: 'local' })).toEqual({
      kind: 'chosen',
      choices: ['city', 'name'].map((field) => ({
        local: { field, seen: 'text:1' },
        remote: { field: field === 'city' ? 'town' : field, seen: 'text:2' },
        take: 'local',
        value: null,
      })),
    })
  })

  it('for one field goes before what is said for all, by the name of either side', () => {
    const chosen = choose({ take: 'remote' }, { town: { take: 'value', text: 'Ribe' } })
    expect(chosen).toMatchObject({ choices: [{ take: 'value', value: 'text:Ribe' }, { take: 'remote' }] })
  })

  it('becomes a side where the newest is wanted', () => {
    expect(choose({ take: 'newest' })).toMatchObject({ choices: [{ take: 'remote' }, { take: 'remote' }] })
  })

  it('has to be said of every field, and to fit it', () => {
    expect(choose(null, { city: { take: 'local' } })).toEqual({ kind: 'unanswered', field: 'name' })
    expect(choose({ take: 'value', text: 'Aarhus' })).toMatchObject({ kind: 'invalid', field: 'city' })
  })
})
