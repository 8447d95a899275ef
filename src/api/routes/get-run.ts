import type { Deps } from '../../usecases/deps.ts'
import { assertRunInScope } from '../access.ts'
import { RunAddress } from '../input.ts'
import { findPreview, showPreview } from '../preview-view.ts'
import type { Server } from '../server-type.ts'
import { showJob, showLine, showQuestion, showRun, sumCounters } from '../views.ts'

/** GET /runs/:id: the run with its lines, jobs, counters over all jobs, its question, and what a preview has found. */
export function getRun(server: Server, deps: Deps): void {
  server.get(
    '/runs/:id',
    { schema: { params: RunAddress }, config: { role: 'view', isScoped: true } },
    async ({ params, principal }) => {
      const details = await deps.stores.runs.getRun(params.id)
      await assertRunInScope(principal, details, deps)
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
    },
  )
}
