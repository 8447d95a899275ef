import pc from 'picocolors'
import { nextPage } from '../api/contract/inputs.ts'
import type { Run } from '../core/sync/run.ts'
import { exitCodes } from './exit-codes.ts'
import { type Column, renderTable } from './table.ts'

/** Results go to stdout, everything said about the work to stderr. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Hints and progress: not a part of the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

const goneReader = new Set(['EPIPE', 'EIO'])

/**
 * A reader that has seen enough (`| head`, a terminal that was closed) is no failure: what is still written is dropped,
 * the work goes on to its end, and the exit code stays what it is. Results that a full disk did not take are a failure.
 */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    let told = false
    stream.on('error', ({ code = 'unknown reason' }: NodeJS.ErrnoException) => {
      if (told || goneReader.has(code)) return
      told = true
      say(`Error: the output could not be written (${code})`)
      process.on('exit', () => {
        process.exitCode ||= exitCodes.failed
      })
    })
  }
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** Options of every command that lists something. */
export interface ListOptions {
  readonly json?: boolean
  readonly limit: number
  readonly before: number | null
}

interface Listing<T> {
  readonly columns: readonly Column[]
  readonly row: (item: T) => readonly string[]
  /** What is said instead of an empty table. */
  readonly empty: string
}

/** A table for people. */
export function printTable<T>(items: readonly T[], listing: Listing<T>): void {
  if (items.length === 0) say(listing.empty)
  else print(renderTable(listing.columns, items.map(listing.row)))
}

/** One page of a list: a table for people, or the JSON that the HTTP API answers, with the place of the next page. */
export function printPage<T extends { readonly id: number }>(
  items: readonly T[],
  options: ListOptions,
  listing: Listing<T> & { readonly name: string; readonly show: (item: T) => object },
): void {
  const next = nextPage(items, options.limit)
  if (options.json) printJson({ [listing.name]: items.map(listing.show), next })
  else printTable(items, listing)
  if (next !== null && !options.json) say(pc.dim(`There may be more: --before ${next}`))
}

/** `2024-05-01T10:20:30.123Z` → `2024-05-01 10:20:30`; always UTC. */
export function formatTime(instant: string | null): string {
  return instant === null ? '–' : instant.slice(0, 19).replace('T', ' ')
}

export function formatState(state: string): string {
  const text = state.replaceAll('-', ' ')
  if (['succeeded', 'finished'].includes(state)) return pc.green(text)
  if (['failed', 'blocked', 'conflict'].includes(state)) return pc.red(text)
  if (['succeeded-with-failures', 'waiting', 'skipped'].includes(state)) return pc.yellow(text)
  return text
}

/** A preview is never taken for the run it shows. */
export function formatKind({ kind, options }: Pick<Run, 'kind' | 'options'>): string {
  return options.dryRun ? `${kind} (preview)` : kind
}

export function formatDirection(direction: 'to' | 'from'): string {
  return direction === 'to' ? 'local → remote' : 'remote → local'
}
