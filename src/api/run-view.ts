import type { RunDetails } from '../core/ports/run-store.ts'
import type { Deps } from '../usecases/deps.ts'
import { findPreview, showPreview } from './preview-view.ts'
import { showJob, showLine, showQuestion, showRun, sumCounters } from './views.ts'

/** A run with everything that belongs to it, as the API shows it. */
export async function showDetails(details: RunDetails, deps: Pick<Deps, 'stores'>) {
  const { run, lines, jobs } = details
  const preview = await findPreview(details, deps)
  const question = await deps.stores.operations.findQuestion(run.id)
  return {
    run: showRun(run),
    lines: lines.map(showLine),
    jobs: jobs.map(showJob),
    counters: sumCounters(jobs),
    preview: preview === null ? null : showPreview(preview),
    question: question === null ? null : showQuestion(question),
  }
}
