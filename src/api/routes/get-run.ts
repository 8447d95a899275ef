import type { Deps } from '../../usecases/deps.ts'
import { RunAddress } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showJob, showLine, showQuestion, showRun, sumCounters } from '../views.ts'

/** GET /runs/:id: the run with its lines, jobs, counters over all jobs, and its question. */
export function getRun(server: Server, deps: Deps): void {
  server.get('/runs/:id', { schema: { params: RunAddress } }, async ({ params }) => {
    const { run, lines, jobs } = await deps.stores.runs.getRun(params.id)
    const question = await deps.stores.operations.findQuestion(run.id)
    return {
      run: showRun(run),
      lines: lines.map(showLine),
      jobs: jobs.map(showJob),
      counters: sumCounters(jobs),
      question: question === null ? null : showQuestion(question),
    }
  })
}
