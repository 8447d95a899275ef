import type { QueueView } from '../../core/ports/run-store.ts'
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
