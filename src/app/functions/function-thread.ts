import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { systemClock } from '../clock.ts'
import { type Answer, places, placesBytes, type Question, type ThreadData } from './questions.ts'

/** Looks without progress before a thread counts as stuck: when the whole process was frozen, nobody was looking. */
const LEAST_LOOKS = 4

/** TypeScript or JavaScript, as this file itself. */
const file = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url).href
const start = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))})
  .then(({ tsImport }) => tsImport(${JSON.stringify(file)}, ${JSON.stringify(import.meta.url)}))`

/** One running thread, from its start to its end. */
export class FunctionThread {
  readonly #memory: Int32Array
  readonly #port: MessagePort
  readonly #worker: Worker
  readonly #arrived: Answer[] = []
  #wake: () => void = () => {}
  #received = 0
  #progress = 0
  #progressAt = systemClock.monotonicMs()
  #looks = 0
  #failed = false

  constructor(memoryMb: number) {
    const shared = new SharedArrayBuffer(placesBytes)
    const { port1, port2 } = new MessageChannel()
    const workerData: ThreadData = { shared, port: port2 }
    this.#memory = new Int32Array(shared)
    this.#port = port1
    this.#worker = new Worker(start, {
      eval: true,
      workerData,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // What it gets of this process is what it needs: neither the settings nor the secrets in the environment.
      env: {},
      execArgv: [],
    })
    this.#port.on('message', (answer: Answer) => {
      this.#arrived.push(answer)
      this.#wake()
    })
    // Whoever waits keeps the process alive, not the thread.
    this.#port.unref()
    this.#worker.unref()
    this.#worker.on('error', () => this.#fail())
    this.#worker.on('exit', () => this.#fail())
  }

  ask(question: Question): void {
    this.#port.postMessage(question)
    Atomics.add(this.#memory, places.asked, 1)
    Atomics.notify(this.#memory, places.asked)
  }

  /** What has arrived. */
  receive(): readonly Answer[] {
    const answers = this.#arrived.splice(0)
    for (;;) {
      const next: { message: Answer } | undefined = receiveMessageOnPort(this.#port)
      if (next === undefined) break
      answers.push(next.message)
    }
    for (const answer of answers) if (answer.kind === 'called') this.#received += answer.answers.length
    return answers
  }

  /** Calls that have ended and whose answers were never sent. */
  unsent(): number {
    return Atomics.load(this.#memory, places.called) - this.#received
  }

  isLoaded(): boolean {
    return Atomics.load(this.#memory, places.state) > 0
  }

  hasEnded(): boolean {
    return this.#failed || Atomics.load(this.#memory, places.state) === 2
  }

  /** Of two looks: has nothing at all happened in between, for so long. */
  isStuckFor(limitMs: number): boolean {
    const now = systemClock.monotonicMs()
    const progress = this.#sum()
    if (progress !== this.#progress) {
      this.#progress = progress
      this.#progressAt = now
      this.#looks = 0
      return false
    }
    this.#looks += 1
    return this.#looks >= LEAST_LOOKS && now - this.#progressAt >= limitMs
  }

  /** How many messages it has sent; for `waitForNews`. */
  sent(): number {
    return Atomics.load(this.#memory, places.answered)
  }

  /** Stands still until it has sent more than `sent` messages, or the time is over. */
  waitForNews(sent: number, ms: number): void {
    Atomics.wait(this.#memory, places.answered, sent, ms)
  }

  /** As `waitForNews`, with the event loop free. */
  async news(sent: number, ms: number): Promise<void> {
    if (this.sent() !== sent && this.#arrived.length > 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async end(): Promise<void> {
    this.#port.close()
    await this.#worker.terminate()
  }

  #sum(): number {
    return Atomics.load(this.#memory, places.answered) + Atomics.load(this.#memory, places.called)
  }

  #fail(): void {
    this.#failed = true
    this.#wake()
  }
}
