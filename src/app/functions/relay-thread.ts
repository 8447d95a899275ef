import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import {
  type Answer,
  type Call,
  type Load,
  places,
  type Question,
  type RelayStart,
  type SandboxLimits,
} from './questions.ts'

/** TypeScript or JavaScript, as this file itself. */
const isSource = import.meta.url.endsWith('.ts')
const fileOf = (name: string) => new URL(`./${name}.${isSource ? 'ts' : 'js'}`, import.meta.url)

const relay = isSource
  ? `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))})
      .then(({ tsImport }) => tsImport(${JSON.stringify(fileOf('relay').href)}, ${JSON.stringify(import.meta.url)}))`
  : fileOf('relay')
const program = [
  ...(isSource ? ['--import', import.meta.resolve('tsx')] : []),
  fileURLToPath(fileOf('child')),
]

/** How long somebody stands still before they look whether the relay is still there. */
const LOOK_MS = 1_000

/** One running relay, from its start to its end. */
export class RelayThread {
  readonly #memory = new Int32Array(
    new SharedArrayBuffer(Object.keys(places).length * Int32Array.BYTES_PER_ELEMENT),
  )
  readonly #port: MessagePort
  readonly #worker: Worker
  readonly #ended: Promise<void>
  readonly #waiting = new Map<number, (answer: Answer | null) => void>()

  constructor(limits: SandboxLimits) {
    const { port1, port2 } = new MessageChannel()
    const workerData: RelayStart = { port: port2, memory: this.#memory, limits, program }
    this.#port = port1
    this.#worker = new Worker(relay, { eval: isSource, workerData, transferList: [port2], execArgv: [] })
    this.#worker.on('error', () => {})
    this.#ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()))
    this.#ended.then(() => this.#giveUp())
    this.#port.on('message', (answer: Answer) => this.#take(answer))
    // Whoever waits keeps the process alive, not the thread.
    this.#port.unref()
    this.#worker.unref()
  }

  hasEnded(): boolean {
    return Atomics.load(this.#memory, places.ended) === 1
  }

  /** `take` gets the answer, or null when the relay ends without one. */
  ask(question: Load | Call, take: (answer: Answer | null) => void): void {
    this.#waiting.set(question.number, take)
    this.#port.ref()
    this.#port.postMessage(question)
  }

  /** As `ask`; this thread stands still meanwhile. */
  askAtOnce(question: Load | Call): Answer | null {
    let given: Answer | null | undefined
    this.ask(question, (answer) => {
      given = answer
    })
    while (given === undefined) {
      const answered = Atomics.load(this.#memory, places.answered)
      this.#receive()
      if (given !== undefined) break
      if (this.hasEnded()) this.#giveUp()
      else Atomics.wait(this.#memory, places.answered, answered, LOOK_MS)
    }
    return given
  }

  /** Ends all processes, and then the relay. */
  async end(): Promise<void> {
    this.#worker.ref()
    this.#port.postMessage({ kind: 'close' } satisfies Question)
    await this.#ended
  }

  #receive(): void {
    for (;;) {
      const next: { message: Answer } | undefined = receiveMessageOnPort(this.#port)
      if (next === undefined) return
      this.#take(next.message)
    }
  }

  #take(answer: Answer): void {
    const take = this.#waiting.get(answer.number)
    this.#waiting.delete(answer.number)
    if (this.#waiting.size === 0) this.#port.unref()
    take?.(answer)
  }

  #giveUp(): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#port.close()
    for (const take of waiting) take(null)
  }
}
