import { z } from 'zod'
import type { Deps } from '../../usecases/deps.ts'
import { answerQuestion } from '../../usecases/question/answer-question.ts'
import { RunAddress } from '../input.ts'
import type { Server } from '../server-type.ts'
import { showQuestion } from '../views.ts'

const body = z.strictObject({ answer: z.enum(['yes', 'no']) })

/** POST /runs/:id/answer: "keep creating new records in scheduled jobs?" after a full synchronization. */
export function answerRun(server: Server, deps: Deps): void {
  const schema = { params: RunAddress, body }
  server.post('/runs/:id/answer', { schema }, async ({ params, body: { answer }, keyName }) => {
    const { run } = await deps.stores.runs.getRun(params.id)
    const question = await answerQuestion({ runId: run.id, answer, answeredBy: `api/${keyName}` }, deps)
    return { question: showQuestion(question) }
  })
}
