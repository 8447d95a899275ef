import { describe, expect, it } from 'vitest'
import { hideSensitive, seesSensitive, sensitiveFields } from '../../../../src/core/access/sensitive.ts'

const sensitive = sensitiveFields([
  { mapping: 'CUSTOMER', field: 'IBAN' },
  { mapping: 'CUSTOMER', field: 'iban' },
])
const hide = <T>(answer: T) => hideSensitive(answer, sensitive)

describe('somebody who may only view', () => {
  it('is the only one from whom values are hidden', () => {
    expect([seesSensitive('view'), seesSensitive('operate'), seesSensitive('administer')]).toEqual([
      false,
      true,
      true,
    ])
  })

  it('sees that a sensitive field has changed, and not to what', () => {
    const outcome = {
      mappingName: 'CUSTOMER',
      field: 'iban',
      value: 'text:DK1',
      message: 'DK1 is too long',
      changes: [
        { field: 'iban', before: 'text:DK0', after: null },
        { field: 'name', before: 'text:A', after: 'text:B' },
      ],
      warnings: [{ code: 'VALUE_CUT', field: 'iban', value: 'DK1', message: 'DK1 was cut' }],
      localKey: '10000',
    }
    const shown = hide(outcome)
    expect(JSON.stringify(shown)).not.toContain('DK')
    expect(shown).toMatchObject({
      field: 'iban',
      value: 'hidden:',
      changes: [
        { field: 'iban', before: 'hidden:', after: null },
        { field: 'name', before: 'text:A', after: 'text:B' },
      ],
      localKey: '10000',
    })
  })

  it('sees neither side of a conflict, and no decision about it', () => {
    const issue = {
      mappingName: 'CUSTOMER',
      field: 'Name',
      message: 'both have changed: Name A ↔ B, IBAN DK1 ↔ DK2',
      conflicts: [
        {
          local: { field: 'IBAN', base: 'text:DK0', value: 'text:DK1' },
          remote: { field: 'iban', base: null, value: 'text:DK2' },
        },
      ],
      resolution: {
        choices: [
          {
            local: { field: 'IBAN', seen: 'text:DK1' },
            remote: { field: 'iban', seen: 'text:DK2' },
            take: 'value',
            value: 'text:DK3',
          },
        ],
      },
    }
    const shown = hide({ issues: [issue] })
    expect(JSON.stringify(shown)).not.toContain('DK')
    expect(shown.issues[0]?.message).toMatch(/^Hidden/)
  })

  it('sees no message about a whole record, in which another system may have put anything', () => {
    const finding = {
      mapping: 'CUSTOMER',
      field: null,
      samples: [{ message: 'Key (iban)=(DK1) exists', changes: [] }],
    }
    expect(JSON.stringify(hide(finding))).not.toContain('DK1')
  })

  it('sees which mapping a record waits for, and not by which value, whatever field the issue names', () => {
    const waiting = { mappingName: 'CUSTOMER', kind: 'waiting', waitsFor: 'BANK/local/text:DK1/2' }
    for (const field of [null, 'name', 'IBAN']) {
      expect(hide({ ...waiting, field })).toMatchObject({ waitsFor: 'BANK/local/hidden:' })
    }
    expect(hide({ mappingName: 'CUSTOMER', field: null, waitsFor: null })).toMatchObject({ waitsFor: null })
    const other = { ...waiting, mappingName: 'ITEM', field: null }
    expect(hide(other)).toEqual(other)
  })

  it('sees all of mappings without sensitive fields, and what is about no record', () => {
    const others = [
      { mappingName: 'ITEM', field: 'iban', value: 'text:x', message: 'm' },
      { mappingName: 'CUSTOMER', state: 'failed', error: { code: 'X', message: 'no connection' } },
      { CUSTOMER: 'full', value: 'text:y' },
    ]
    expect(hide(others)).toEqual(others)
  })
})
