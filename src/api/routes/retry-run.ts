import { z } from 'zod'
import type { Deps } from '../../usecases/deps.ts'
import { retryLines, retryRecords } from '../../usecases/flow/retry-run.ts'
import { RunAddress } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showRun } from '../views.ts'

const body = z.strictObject({ what: z.enum(['lines', 'records']) })

/** POST /runs/:id/retry: its failed lines in the same run, or its failed records in a run of their own. */
export function retryRun(server: Server, deps: Deps): void {
  const schema = { params: RunAddress, body }
  server.post('/runs/:id/retry', { schema }, async ({ params, body: { what }, keyName }, reply) => {
    const { run: failed } = await deps.stores.runs.getRun(params.id)
    const run =
      what === 'lines'
        ? await retryLines(failed.id, null, deps)
        : await retryRecords(failed.id, `api/${keyName}`, deps)
    return reply
      .code(202)
      .header('location', `/runs/${run.id}`)
      .send({ run: showRun(run) })
  })
}
