import { toSyncError } from '../core/errors.ts'
import { withoutCredentials } from '../lib/credentials.ts'
import { exitCodes } from './exit-codes.ts'

/**
 * What a person is told when a command fails: message, code, remedy. No stack trace, unless asked for; never a password.
 */
export function describeError(error: unknown, withStack: boolean): { text: string; exitCode: number } {
  const known = toSyncError(error)
  const lines = [`Error: ${known.message} (${known.code})`, `  ${known.remedy}`]
  if (withStack) lines.push(stackOf(error))
  return {
    text: withoutCredentials(lines.join('\n')),
    exitCode: known.code === 'CONFIG_INVALID' ? exitCodes.usage : exitCodes.failed,
  }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
