import type { RunDetails } from '../core/ports/run-store.ts'
import type { Line, LineState } from '../core/sync/run.ts'
import { lineText } from './progress-frame.ts'
import type { Rates } from './progress-rates.ts'

/** What has been told already: the state of each line and when something was last said about it, by line id. */
export type Told = ReadonlyMap<number, { readonly state: LineState; readonly atMs: number }>

const repeatMs = 5_000
const quietStates: readonly LineState[] = ['pending', 'ready']

/**
 * What is new for a log: one text for each line whose state has changed, and every few seconds one for each running
 * line. Lines that have not started are not mentioned. Pure.
 */
export function plainProgress(
  told: Told,
  details: RunDetails,
  rates: Rates,
  nowMs: number,
): { readonly told: Told; readonly texts: readonly string[] } {
  const next = new Map(told)
  const texts: string[] = []
  for (const line of details.lines) {
    if (quietStates.includes(line.state) || !isDue(told.get(line.id), line, nowMs)) continue
    next.set(line.id, { state: line.state, atMs: nowMs })
    texts.push(`${line.mappingName}: ${plainText(details, line, rates)}`)
  }
  return { told: next, texts }
}

function isDue(last: { state: LineState; atMs: number } | undefined, line: Line, nowMs: number): boolean {
  if (last?.state !== line.state) return true
  return line.state === 'running' && nowMs - last.atMs >= repeatMs
}

function plainText(details: RunDetails, line: Line, rates: Rates): string {
  const text = lineText(details, line, rates)
  return line.state === 'finished' || line.state === 'running' ? `${line.state}  ${text}` : text
}
