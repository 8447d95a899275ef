import type { QueueView } from '../../core/ports/run-store.ts'
import type { Line, Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'

const PAGE = 200

/** All unfinished runs, oldest first, read in pages: however many wait, the newest is not forgotten behind them. */
export async function* unfinishedRuns(deps: Pick<Deps, 'stores'>): AsyncGenerator<QueueView> {
  for (let after = 0; ; ) {
    const page = await deps.stores.runs.listUnfinished({ limit: PAGE, after })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last.run.id
  }
}

/** The lines that a queue job has to stand for. */
export function linesInQueue(lines: readonly Line[]): readonly Line[] {
  return lines.filter(({ state }) => state === 'ready' || state === 'running')
}

/** Of a run that has just been stored somebody is about to tell the queue: it would get two parents. */
export function isBeingEnqueued({ generation, createdAt }: Run, now: Date, newRunMs: number): boolean {
  const ageMs = now.getTime() - Date.parse(createdAt)
  return generation === 1 && ageMs >= 0 && ageMs < newRunMs
}
