import { SyncError, toSyncError } from '../core/errors.ts'
import { withoutCredentials } from '../lib/credentials.ts'
import { exitCodes } from './exit-codes.ts'
import { printJson, say } from './output.ts'

/** Tells people why a command failed, and programs as the JSON document they wait for; returns the exit code. */
export function reportError(error: unknown, options: { json: boolean; withStack: boolean }): number {
  const { text, exitCode } = describeError(error, options.withStack)
  say(text)
  if (options.json) printJson(failureAsJson(error))
  return exitCode
}

/** Tells that a command was stopped before it had a result; returns the exit code. */
export function reportInterruption(message: string, { json }: { json: boolean }): number {
  say(message)
  if (json) printJson(failureAsJson(new SyncError('INTERRUPTED', message)))
  return exitCodes.interrupted
}

/** What `--json` says instead of a result; never a password. */
export function failureAsJson(error: unknown) {
  const { code, kind, message, remedy } = toSyncError(error)
  return { error: { code, kind, message: withoutCredentials(message), remedy } }
}

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
