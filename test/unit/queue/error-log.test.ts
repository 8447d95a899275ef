import { describe, expect, it } from 'vitest'
import { createErrorLog } from '../../../src/queue/error-log.ts'
import { recordingLog } from '../../contract/queue/fixtures.ts'

describe('the log of an outage', () => {
  it('says the same thing once, also when a growing number in it makes it look new', () => {
    const log = recordingLog()
    const report = createErrorLog(log, {})
    for (const ms of [10, 20, 30]) report(new Error(`All sentinels are unreachable. Retrying after ${ms}ms.`))
    report(new Error('Connection is closed.'))
    expect(log.lines.map(({ facts }) => facts)).toEqual([
      { error: 'All sentinels are unreachable. Retrying after 10ms.' },
      { error: 'Connection is closed.' },
    ])
  })
})
