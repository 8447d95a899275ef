import { createInterface } from 'node:readline/promises'
import type { EndQuestion } from '../core/ports/operations-store.ts'
import type { Deps } from '../usecases/deps.ts'
import { answerQuestion } from '../usecases/question/answer-question.ts'
import { print, say } from './output.ts'
import { whoAsks } from './session.ts'

/** Asks an open question where a person can answer, applies the answer, and tells what has become of it. */
export async function settleQuestion(
  question: EndQuestion,
  deps: Pick<Deps, 'stores' | 'log'>,
  options: { readonly ask: boolean; readonly signal: AbortSignal },
): Promise<void> {
  if (question.state !== 'open') return showAnswer(question)
  const names = question.mappings.map((mapping) => mapping.name).join(', ')
  const answer = options.ask
    ? await askYesNo(`Keep creating new records in scheduled jobs, for ${names}? [y/n] `, options.signal)
    : null
  if (answer === null) {
    say(`The question is open: keep creating new records in scheduled jobs, for ${names}?`)
    say(`  Answer it with \`couplet answer ${question.runId} yes\` or \`no\`; without an answer it is no.`)
    return
  }
  showAnswer(await answerQuestion({ runId: question.runId, answer, answeredBy: whoAsks() }, deps))
}

const texts = {
  changed: 'creates new records in scheduled jobs from now on',
  kept: 'goes on with coupled records only in scheduled jobs',
  'edited-meanwhile': 'was edited meanwhile and stays as it is',
} as const

export function showAnswer(question: EndQuestion): void {
  for (const { name, result } of question.results) print(`${name} ${texts[result]}`)
}

/** True where a person sees the question and can type. */
export function canAsk(json: boolean | undefined): boolean {
  return !json && process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Null when nothing is answered: Ctrl-C, Ctrl-D, or the process is told to stop. */
export async function askYesNo(text: string, signal: AbortSignal): Promise<'yes' | 'no' | null> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const stop = new AbortController()
  terminal.on('SIGINT', () => stop.abort()).on('close', () => stop.abort())
  try {
    for (;;) {
      const given = await terminal.question(text, { signal: AbortSignal.any([signal, stop.signal]) })
      if (/^y(es)?$/i.test(given.trim())) return 'yes'
      if (/^no?$/i.test(given.trim())) return 'no'
    }
  } catch (error) {
    if (!signal.aborted && !stop.signal.aborted) throw error
    process.stderr.write('\n')
    return null
  } finally {
    terminal.close()
  }
}
