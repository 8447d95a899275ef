import { z } from 'zod'
import { nameOf } from '../../core/access/principal.ts'
import type { Deps } from '../../usecases/deps.ts'
import { linesOf, retryLines, retryRecords } from '../../usecases/flow/retry-run.ts'
import { assertRunInScope } from '../access.ts'
import { RunAddress, text } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showRun } from '../views.ts'

const body = z.discriminatedUnion('what', [
  /** With a mapping: only its lines, also when they have finished. */
  z.strictObject({ what: z.literal('lines'), mapping: text(100).optional() }),
  z.strictObject({ what: z.literal('records') }),
])

/** POST /runs/:id/retry: its failed lines in the same run, or its failed records in a run of their own. */
export function retryRun(server: Server, deps: Deps): void {
  const schema = { params: RunAddress, body }
  server.post(
    '/runs/:id/retry',
    { schema, config: { role: 'operate', isScoped: true } },
    async ({ params, body: wish, principal }, reply) => {
      const details = await deps.stores.runs.getRun(params.id)
      await assertRunInScope(principal, details, deps)
      const run =
        wish.what === 'lines'
          ? await retryLines(
              params.id,
              wish.mapping === undefined ? null : linesOf(wish.mapping, details),
              deps,
            )
          : await retryRecords(params.id, nameOf(principal), deps)
      return reply
        .code(202)
        .header('location', `/runs/${run.id}`)
        .send({ run: showRun(run) })
    },
  )
}
