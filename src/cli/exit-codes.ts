import { type RunState, runIsDone } from '../core/sync/run.ts'

/** How a command ends; part of its contract with scripts (docs/cli.md). */
export const exitCodes = {
  good: 0,
  failed: 1,
  recordFailures: 2,
  usage: 64,
  interrupted: 130,
} as const

export const exitCodesHelp = `Exit codes:
  0    all good
  1    failed
  2    finished, but some records failed, wait, are in conflict or were skipped
  64   wrong usage: an unknown command or option, a wrong argument or setting
  130  interrupted; a run that was being waited for goes on later`

/** The exit code that tells how a run stands. */
export function exitCodeOfRun(state: RunState): number {
  if (!runIsDone(state)) return exitCodes.interrupted
  if (state === 'succeeded') return exitCodes.good
  return state === 'succeeded-with-failures' ? exitCodes.recordFailures : exitCodes.failed
}

/** Runs what a command does and keeps its exit code; every action ends through it. */
export type Finish = (work: () => Promise<number>) => Promise<void>
