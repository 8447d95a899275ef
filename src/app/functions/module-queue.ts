import type { OwnAnswer } from '../../core/transform/function-rule.ts'
import { systemClock } from '../clock.ts'
import { FunctionProcess } from './function-process.ts'
import type { Answer, Call, Load, NamedCall, ProcessStart } from './questions.ts'
import { afterStop, findRest, noStops, type Stops } from './rests.ts'

/** Between two portions of a page an urgent question has its turn. */
const PORTION = 200

interface Open {
  readonly question: Load | Call
  readonly answers: OwnAnswer[]
  /** So many calls are made one by one: one of those not yet answered has ended the process, and it is not known which. */
  oneByOneUpTo: number
}

/** The questions to one module, one after the other, and its process; another one follows where it has ended. */
export class ModuleQueue {
  readonly #path: string
  readonly #start: ProcessStart
  readonly #send: (answer: Answer) => void
  readonly #stops = new Map<string, Stops>()
  #open: Open[] = []
  #process: FunctionProcess | null = null
  #isWorking = false

  constructor(path: string, start: ProcessStart, send: (answer: Answer) => void) {
    this.#path = path
    this.#start = start
    this.#send = send
  }

  add(question: Load | Call): void {
    this.#open.push({ question, answers: [], oneByOneUpTo: 0 })
    if (!this.#isWorking) this.#work()
  }

  close(): void {
    this.#open = []
    this.#process?.end()
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    for (let open = this.#next(); open !== undefined; open = this.#next()) {
      const answer = await this.#advance(open)
      if (answer === null || !this.#open.includes(open)) continue
      this.#open = this.#open.filter((other) => other !== open)
      this.#send(answer)
    }
    this.#isWorking = false
  }

  #next(): Open | undefined {
    return this.#open.find(({ question }) => 'isUrgent' in question && question.isUrgent) ?? this.#open[0]
  }

  /** One step of a question; null while it has more of them. */
  async #advance(open: Open): Promise<Answer | null> {
    const { question, answers } = open
    const { number } = question
    if (question.kind === 'load') return { number, loaded: (await this.#loaded()).loaded }
    const next = question.calls.slice(answers.length, answers.length + PORTION)
    answers.push(...(await this.#callFirst(next, open)))
    return answers.length < question.calls.length ? null : { number, answers }
  }

  /** Answers to the first of these calls; as many as there are without a stop. */
  async #callFirst(calls: readonly NamedCall[], open: Open): Promise<readonly OwnAnswer[]> {
    const rests = calls.map(({ name }) => this.#findRest(name))
    if (rests[0]) return [{ failure: rests[0] }]
    const resting = rests.findIndex((rest) => rest !== null)
    const awake = resting < 0 ? calls : calls.slice(0, resting)
    const { process, loaded } = await this.#loaded()
    if ('reason' in loaded) return awake.map(() => ({ failure: `be looked for in vain (${loaded.reason})` }))
    const isOneByOne = awake.length === 1 || open.answers.length < open.oneByOneUpTo
    const { answers, end } = await process.call(awake, isOneByOne)
    for (const { name } of awake.slice(0, answers.length)) this.#stops.delete(name)
    if (end === null) return answers
    if (isOneByOne) return [...answers, ...this.#stopped(awake[answers.length], end)]
    open.oneByOneUpTo = open.answers.length + awake.length
    return answers
  }

  #stopped(call: NamedCall | undefined, failure: string): readonly OwnAnswer[] {
    if (call === undefined) return []
    const before = this.#stops.get(call.name) ?? noStops
    this.#stops.set(call.name, afterStop(before, systemClock.monotonicMs()))
    return [{ failure }]
  }

  #findRest(name: string): string | null {
    return findRest(this.#stops.get(name) ?? noStops, systemClock.monotonicMs())
  }

  async #loaded() {
    const process =
      this.#process?.hasEnded() === false ? this.#process : new FunctionProcess(this.#path, this.#start)
    this.#process = process
    return { process, loaded: await process.loaded }
  }
}
