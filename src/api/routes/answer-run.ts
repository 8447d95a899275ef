import { z } from 'zod'
import { nameOf } from '../../core/access/principal.ts'
import type { Deps } from '../../usecases/deps.ts'
import { answerQuestion } from '../../usecases/question/answer-question.ts'
import { RunAddress } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showQuestion } from '../views.ts'

const body = z.strictObject({ answer: z.enum(['yes', 'no']) })

/** POST /runs/:id/answer: "keep creating new records in scheduled jobs?" after a full synchronization. */
export function answerRun(server: Server, deps: Deps): void {
  const schema = { params: RunAddress, body }
  server.post(
    '/runs/:id/answer',
    { schema, config: { role: 'operate' } },
    async ({ params, body: { answer }, principal }) => {
      const { run } = await deps.stores.runs.getRun(params.id)
      const question = await answerQuestion({ runId: run.id, answer, answeredBy: nameOf(principal) }, deps)
      return { question: showQuestion(question) }
    },
  )
}
