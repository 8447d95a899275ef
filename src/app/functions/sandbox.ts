import type { OwnAnswer } from '../../core/transform/function-rule.ts'
import { FunctionThread } from './function-thread.ts'
import type { Answer, FunctionCall, Question } from './questions.ts'

export interface SandboxLimits {
  /** For one call. */
  readonly callMs: number
  /** For the start of the thread, and for each module. */
  readonly loadMs: number
  readonly memoryMb: number
}

/** How often a waiting caller looks whether the thread is getting on, as a part of the limit for a call. */
const LOOK_SHARE = 0.25

export type LoadedModule = { readonly names: readonly string[] } | { readonly reason: string }

/** A question that has not been answered to the end. */
interface Open {
  readonly number: number
  /** A module to load; null: these calls. */
  readonly path: string | null
  readonly calls: readonly FunctionCall[]
  readonly answers: Map<number, OwnAnswer>
  /** Indices of the calls that the present thread was asked, and how many of them it has answered. */
  asked: readonly number[]
  received: number
  loaded: LoadedModule | null
}

/**
 * A thread for code of others. A call that does not end in time, or takes the thread down with it, is answered as failed;
 * the thread is ended and another one goes on with the next call. A page of calls is one question, answered while this
 * thread does something else (`callAll`); a single one may be answered at once (`call`).
 */
export class Sandbox {
  readonly #limits: SandboxLimits
  readonly #open = new Map<number, Open>()
  readonly #paths = new Set<string>()
  #thread: FunctionThread | null = null
  #last = 0

  constructor(limits: SandboxLimits) {
    this.#limits = limits
  }

  /** Makes a module known; gives the names of its functions, or why it cannot be loaded. */
  async load(path: string): Promise<LoadedModule> {
    const open = this.#ask(path, [])
    await this.#watch(open)
    const loaded = open.loaded ?? { reason: 'it gave no answer' }
    if ('names' in loaded) this.#paths.add(path)
    return loaded
  }

  /** The answers to all calls, in their order; the event loop stays free. */
  async callAll(calls: readonly FunctionCall[]): Promise<readonly OwnAnswer[]> {
    const open = this.#ask(null, calls)
    await this.#watch(open)
    return calls.map((_, index) => answerOf(open, index))
  }

  /** The answer to one call; this thread stands still meanwhile. */
  call(call: FunctionCall): OwnAnswer {
    const open = this.#ask(null, [call])
    for (;;) {
      const thread = this.#running()
      const sent = thread.sent()
      this.#look(thread)
      if (isAnswered(open)) return answerOf(open, 0)
      if (thread === this.#thread) thread.waitForNews(sent, this.#limits.callMs * LOOK_SHARE)
    }
  }

  async close(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    this.#open.clear()
    await thread?.end()
  }

  #ask(path: string | null, calls: readonly FunctionCall[]): Open {
    // First of all: a new thread is asked everything that is open.
    const thread = this.#running()
    this.#last += 1
    const asked = calls.map((_, index) => index)
    const open = { number: this.#last, path, calls, answers: new Map(), asked, received: 0, loaded: null }
    if (isAnswered(open)) return open
    this.#open.set(open.number, open)
    thread.ask(questionOf(open))
    return open
  }

  async #watch(open: Open): Promise<void> {
    while (this.#open.has(open.number)) {
      const thread = this.#running()
      const sent = thread.sent()
      this.#look(thread)
      if (isAnswered(open)) return
      if (thread === this.#thread) await thread.news(sent, this.#limits.callMs * LOOK_SHARE)
    }
  }

  /** A new thread is told the modules, and asked what its predecessor has not answered. */
  #running(): FunctionThread {
    if (this.#thread !== null) return this.#thread
    const thread = new FunctionThread(this.#limits.memoryMb)
    this.#thread = thread
    for (const path of this.#paths) thread.ask({ number: 0, kind: 'load', path })
    for (const open of this.#open.values()) {
      open.asked = open.asked.filter((index) => !open.answers.has(index))
      open.received = 0
      thread.ask(questionOf(open))
    }
    return thread
  }

  /** Takes what has arrived; ends a thread that gets no further, with an answer for what it was busy with. */
  #look(thread: FunctionThread): void {
    for (const answer of thread.receive()) this.#take(answer)
    const [busyWith] = this.#open.values()
    const limitMs = this.#isLoading(thread, busyWith) ? this.#limits.loadMs : this.#limits.callMs
    const hasEnded = thread.hasEnded()
    if (!hasEnded && (busyWith === undefined || !thread.isStuckFor(limitMs))) return
    this.#thread = null
    thread.end().catch(() => {})
    if (busyWith === undefined) return
    const failure = hasEnded
      ? 'end the thread it runs in'
      : `run for more than ${limitMs} ms, so that it was stopped`
    if (busyWith.path !== null) busyWith.loaded = { reason: `loading it made it ${failure}` }
    else if (thread.isLoaded()) answerNext(busyWith, thread.unsent(), failure)
    else for (const index of busyWith.asked) busyWith.answers.set(index, { failure })
    if (isAnswered(busyWith)) this.#open.delete(busyWith.number)
  }

  #isLoading(thread: FunctionThread, busyWith: Open | undefined): boolean {
    return !thread.isLoaded() || busyWith?.path !== null
  }

  #take(answer: Answer): void {
    const open = this.#open.get(answer.number)
    if (open === undefined) return
    if (answer.kind === 'called')
      for (const one of answer.answers) open.answers.set(open.asked[open.received++] ?? 0, one)
    else open.loaded = answer.kind === 'loaded' ? answer : { reason: answer.reason }
    if (isAnswered(open)) this.#open.delete(answer.number)
  }
}

/** The call behind those that have ended is the one that the thread was busy with. */
function answerNext(open: Open, ended: number, failure: string): void {
  const index = open.asked[open.received + ended]
  if (index !== undefined) open.answers.set(index, { failure })
}

function questionOf({ number, path, calls, asked }: Open): Question {
  if (path !== null) return { number, kind: 'load', path }
  return { number, kind: 'call', calls: asked.flatMap((index) => calls[index] ?? []) }
}

function isAnswered({ path, loaded, calls, answers }: Open): boolean {
  return path === null ? answers.size === calls.length : loaded !== null
}

function answerOf({ answers }: Open, index: number): OwnAnswer {
  return answers.get(index) ?? { failure: 'give no answer' }
}
