import { Argument, type Command } from 'commander'
import { showQuestion } from '../../api/views.ts'
import { answerQuestion } from '../../usecases/question/answer-question.ts'
import { jsonOption, parseId } from '../arguments.ts'
import { showAnswer } from '../end-question.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { printJson } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'

/** `couplet answer RUN yes|no` */
export function addAnswer(program: Command, finish: Finish): void {
  program
    .command('answer')
    .description(
      'Answer the question of a full synchronization: keep creating new records in scheduled jobs?',
    )
    .argument('<run>', 'number of the run', parseId)
    .addArgument(new Argument('<answer>').choices(['yes', 'no']))
    .addOption(jsonOption())
    .action((runId: number, answer: 'yes' | 'no', options: { json?: boolean }) =>
      finish(() =>
        withContext(async ({ deps }) => {
          const question = await answerQuestion({ runId, answer, answeredBy: whoAsks() }, deps)
          if (options.json) printJson({ question: showQuestion(question) })
          else showAnswer(question)
          return exitCodes.good
        }),
      ),
    )
}
