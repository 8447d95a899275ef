import { describe, expect, it } from 'vitest'
import { findHolding, type Pause, pauseInWords } from '../../../../src/core/control/pause.ts'

const pause = (changes: Partial<Pause>): Pause => ({
  id: 1,
  scope: 'mapping',
  connectionId: null,
  mappingId: 7,
  name: 'CUSTOMER',
  cause: 'person',
  by: 'anna',
  reason: 'month end',
  at: '2026-01-01T00:00:00Z',
  until: null,
  ...changes,
})
const target = { mappingId: 7, connectionIds: [1, 2], isPreview: false }
const mapping = pause({})
const connection = pause({ scope: 'connection', connectionId: 2, mappingId: null, name: 'CRM' })
const everything = pause({ scope: 'everything', mappingId: null, name: null })

describe('what keeps a line from working', () => {
  it('is the widest pause that covers its mapping, or one of its connections', () => {
    expect(findHolding([], target)).toBeNull()
    expect(findHolding([mapping], target)).toBe(mapping)
    expect(findHolding([mapping, connection, everything], target)).toBe(everything)
    expect(findHolding([mapping, connection], target)).toBe(connection)
    expect(findHolding([mapping, connection], { ...target, mappingId: 8, connectionIds: [3] })).toBeNull()
  })

  it('is no pause of a mapping for a preview of it, but one of its connections', () => {
    const preview = { ...target, isPreview: true }
    expect(findHolding([mapping], preview)).toBeNull()
    expect(findHolding([mapping, connection], preview)).toBe(connection)
  })

  it('is no pause of everything by a rule for a preview, but one by a person', () => {
    const preview = { ...target, isPreview: true }
    const byRule = pause({ ...everything, cause: 'automatic' })
    expect(findHolding([byRule], target)).toBe(byRule)
    expect(findHolding([byRule], preview)).toBeNull()
    expect(findHolding([everything], preview)).toBe(everything)
  })

  it('is told with who, since when and why', () => {
    expect(pauseInWords(mapping)).toBe(
      'Mapping CUSTOMER is paused by anna since 2026-01-01T00:00:00Z: month end',
    )
    expect(
      pauseInWords(pause({ ...connection, cause: 'automatic', by: 'rule 3', until: '2026-02-01T00:00:00Z' })),
    ).toBe(
      'Connection CRM is paused automatically (rule 3) since 2026-01-01T00:00:00Z, until 2026-02-01T00:00:00Z: month end',
    )
  })
})
