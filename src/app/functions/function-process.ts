import { type ChildProcess, spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { OwnAnswer } from '../../core/transform/function-rule.ts'
import type { AskedCalls, LoadedModule, NamedCall, ProcessStart, SandboxLimits } from './questions.ts'

/** Looks for progress within a limit. Looks that a frozen process has missed do not come later. */
const LOOKS = 4

/** Lines that were expected, and why there are not more of them: completes "made MODULE NAME …". */
interface Heard {
  readonly lines: readonly string[]
  readonly end: string | null
}

/** One process with the functions of one module, from its start to its end. Is asked one thing at a time. */
export class FunctionProcess {
  readonly loaded: Promise<LoadedModule>
  readonly #limits: SandboxLimits
  readonly #child: ChildProcess
  readonly #line: Duplex
  #end: string | null = null
  #hear: (line: string | null) => void = () => {}

  constructor(path: string, { limits, program }: ProcessStart) {
    this.#limits = limits
    const heap = `--max-old-space-size=${limits.memoryMb}`
    this.#child = spawn(process.execPath, [heap, ...program, path, String(limits.memoryMb)], {
      // What functions print goes nowhere. The last pipe carries nothing: it tells the child that we are there.
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      // What it gets of this process is what it needs: neither the settings nor the secrets in the environment. Dates are those of here.
      env: { TZ: Intl.DateTimeFormat().resolvedOptions().timeZone },
      // In a process group of its own: Ctrl-C in a terminal must let this process commit its page.
      detached: true,
    })
    this.#line = this.#child.stdio[3] as Duplex
    this.#listen()
    this.loaded = this.#load()
  }

  hasEnded(): boolean {
    return this.#end !== null
  }

  /**
   * The answers to these calls. With an end some are missing: those to the call that was running and to those behind it,
   * and when they were not made one by one, also some before it.
   */
  async call(
    calls: readonly NamedCall[],
    isOneByOne: boolean,
  ): Promise<{ answers: readonly OwnAnswer[]; end: string | null }> {
    const asked: AskedCalls = { isOneByOne, calls }
    this.#line.write(`${JSON.stringify(asked)}\n`)
    const { lines, end } = await this.#expect(calls.length, this.#limits.callMs)
    return { answers: lines.map((line): OwnAnswer => JSON.parse(line)), end }
  }

  end(reason = 'be given up'): void {
    this.#end ??= reason
    this.#child.kill('SIGKILL')
  }

  async #load(): Promise<LoadedModule> {
    const { lines, end } = await this.#expect(1, this.#limits.loadMs)
    const loaded: LoadedModule =
      lines[0] === undefined ? { reason: `loading it made it ${end}` } : JSON.parse(lines[0])
    if ('reason' in loaded) this.end()
    return loaded
  }

  /** The next lines it says. When nothing at all is heard of it for so long, it is ended. */
  #expect(count: number, limitMs: number): Promise<Heard> {
    const lines: string[] = []
    return new Promise((resolve) => {
      let quietLooks = 0
      const look = setInterval(() => {
        quietLooks += 1
        if (quietLooks > LOOKS) this.end(`run for more than ${limitMs} ms, so that it was stopped`)
        if (this.#end !== null) done()
      }, limitMs / LOOKS)
      const done = () => {
        clearInterval(look)
        resolve({ lines, end: this.#end })
      }
      this.#hear = (line) => {
        quietLooks = 0
        if (line !== null) lines.push(line)
        if (line === null || lines.length === count) done()
      }
    })
  }

  #listen(): void {
    let rest = ''
    this.#line.setEncoding('utf8').on('data', (text: string) => {
      rest += text
      if (!text.includes('\n')) return
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#hear(line)
    })
    for (const pipe of this.#child.stdio) pipe?.on('error', () => {})
    // Not at its exit: what it has said before is to be heard first.
    this.#child.on('close', (code, signal) =>
      this.#ended(`end the process it runs in (${signal ?? `code ${code}`})`),
    )
    this.#child.on('error', (error) => this.#ended(`fail, as no process could be started (${error.message})`))
  }

  #ended(end: string): void {
    this.#end ??= end
    this.#hear(null)
  }
}
