import { describe, expect, it } from 'vitest'
import { describeError } from '../../src/cli/report-error.ts'
import { SyncError } from '../../src/core/errors.ts'

describe('what a person is told when a command fails', () => {
  const error = new SyncError('RUN_UNKNOWN', 'There is no run 7', { cause: new Error('deep') })

  it('is the message, the code and the remedy, and nothing else', () => {
    expect(describeError(error, false)).toEqual({
      text: 'Error: There is no run 7 (RUN_UNKNOWN)\n  Use the number of a run that exists: `couplet runs`.',
      exitCode: 1,
    })
  })

  it('comes with the stack of the error and of its causes when asked for', () => {
    expect(describeError(error, true).text).toMatch(
      /SyncError: There is no run 7\n +at .*\nCaused by: Error: deep/s,
    )
  })

  it('is exit code 64 for settings and arguments', () => {
    expect(describeError(new SyncError('CONFIG_INVALID', 'x'), false).exitCode).toBe(64)
  })

  it('calls a surprise a bug, and never shows a password', () => {
    const { text } = describeError(new Error('no answer from postgres://me:hunter2@db'), true)
    expect(text).toContain('INTERNAL')
    expect(text).not.toContain('hunter2')
  })
})
