import { nameOf } from '../../../core/access/principal.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { answerQuestion } from '../../../usecases/question/answer-question.ts'
import * as contract from '../../contract/run-endpoints.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showQuestion } from '../../views.ts'

/** POST /runs/:id/answer: "keep creating new records in scheduled jobs?" after a full synchronization. */
export function answerRun(server: Server, deps: Deps): void {
  serve(server, contract.answerRun, async ({ params, body: { answer }, principal }) => {
    const { run } = await deps.stores.runs.getRun(params.id)
    const question = await answerQuestion({ runId: run.id, answer, answeredBy: nameOf(principal) }, deps)
    return { question: showQuestion(question) }
  })
}
