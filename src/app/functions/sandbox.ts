import type { OwnAnswer } from '../../core/transform/function-rule.ts'
import type { Answer, Call, FunctionCall, LoadedModule, SandboxLimits } from './questions.ts'
import { RelayThread } from './relay-thread.ts'

const unanswered: OwnAnswer = { failure: 'give no answer' }

/**
 * Code of others, each module in a process of its own: a call that does not end in time, or takes its process down with
 * it, is answered as failed, and another process goes on with the next call. A page of calls is one question, answered
 * while this thread does something else (`callAll`); a single one may be answered at once (`call`). The processes belong
 * to a thread of Couplet's own, the relay, which looks after them also while this thread stands still.
 */
export class Sandbox {
  readonly #limits: SandboxLimits
  #relay: RelayThread | null = null
  #last = 0

  constructor(limits: SandboxLimits) {
    this.#limits = limits
  }

  /** Starts the process of a module; gives the names of its functions, or why it cannot be loaded. */
  async load(path: string): Promise<LoadedModule> {
    const number = this.#number()
    const answer = await new Promise<Answer | null>((resolve) =>
      this.#running().ask({ kind: 'load', number, path }, resolve),
    )
    return answer !== null && 'loaded' in answer ? answer.loaded : { reason: 'it gave no answer' }
  }

  /** The answers to all calls, in their order; the event loop stays free. */
  async callAll(calls: readonly FunctionCall[]): Promise<readonly OwnAnswer[]> {
    const answers = new Map<FunctionCall, OwnAnswer>()
    const ofOneModule = async (path: string) => {
      const some = calls.filter((call) => call.path === path)
      const answer = await new Promise<Answer | null>((resolve) =>
        this.#running().ask(this.#question(path, some, false), resolve),
      )
      for (const [index, call] of some.entries()) answers.set(call, answerOf(answer, index))
    }
    await Promise.all([...new Set(calls.map(({ path }) => path))].map(ofOneModule))
    return calls.map((call) => answers.get(call) ?? unanswered)
  }

  /** The answer to one call; this thread stands still meanwhile. */
  call(call: FunctionCall): OwnAnswer {
    return answerOf(this.#running().askAtOnce(this.#question(call.path, [call], true)), 0)
  }

  async close(): Promise<void> {
    await this.#relay?.end()
    this.#relay = null
  }

  #running(): RelayThread {
    if (this.#relay === null || this.#relay.hasEnded()) this.#relay = new RelayThread(this.#limits)
    return this.#relay
  }

  #question(path: string, calls: readonly FunctionCall[], isUrgent: boolean): Call {
    const named = calls.map(({ name, value }) => ({ name, value }))
    return { kind: 'call', number: this.#number(), path, calls: named, isUrgent }
  }

  #number(): number {
    this.#last += 1
    return this.#last
  }
}

function answerOf(answer: Answer | null, index: number): OwnAnswer {
  return (answer !== null && 'answers' in answer ? answer.answers[index] : null) ?? unanswered
}
