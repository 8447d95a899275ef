import { describe, expect, it } from 'vitest'
import { assertAllSilent, findHindrance } from '../../../../src/core/control/nobody-works.ts'

const lease = (resource: string, holder: string, expiresInMs = 1_000) => ({ resource, holder, expiresInMs })

describe('what keeps a recovery from beginning', () => {
  it.each([
    ['nothing', [], null],
    ['nobody who only leads or watches', [lease('leader', 'a'), lease('alerts/stand-in', 'b')], null],
    [
      'the line whose lease ends last',
      [lease('mapping/1/0', 'a', 2_000), lease('table/1/x', 'b', 3_000)],
      { holder: 'b', expiresInMs: 3_000, isRecovery: false },
    ],
    [
      'a recovery before any line',
      [lease('mapping/1/0', 'a', 9_000), lease('recovery', 'b')],
      { holder: 'b', expiresInMs: 1_000, isRecovery: true },
    ],
  ])('is %s', (_, living, expected) => {
    expect(findHindrance(living, 'recovery')).toEqual(expected)
  })

  it('is a process that gives signs of life, and none that has been silent', () => {
    expect(() => assertAllSilent([{ id: 'a', seenMsAgo: 16_000 }])).not.toThrow()
    expect(() =>
      assertAllSilent([
        { id: 'a', seenMsAgo: 16_000 },
        { id: 'b', seenMsAgo: 15_000 },
      ]),
    ).toThrow(expect.objectContaining({ code: 'STORE_IN_USE', data: { processes: 'b' } }))
  })
})
