import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { programFile } from './programs.ts'
import { waitFor } from './servers.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A worker process that has been told to start. */
export interface Worker {
  readonly pid: number
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
  /** Waits until it has ended; the exit code or the name of the signal. */
  ended(timeoutMs?: number): Promise<number | string>
  /** SIGSTOP. */
  freeze(): void
  /** Waits until it has been stopped, or has stopped itself. */
  frozen(): Promise<void>
  /** SIGCONT. */
  thaw(): void
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | string>
  isAlive(): boolean
}

/** Worker processes of one test, some of them loaded in advance, all of them gone with it. */
export interface Workers {
  start(orders?: Readonly<Record<string, string>>): Promise<Worker>
  /** Shows the last lines of all of them: what a test that fails does. */
  print(heading?: string): void
  killAll(): Promise<void>
}

export function openWorkers(env: Readonly<Record<string, string>>, loadedAhead = 1): Workers {
  const all: Worker[] = []
  const spare: Loading[] = []
  const lines: string[] = []
  const fill = () => {
    while (spare.length < loadedAhead) spare.push(load(env, lines))
  }
  fill()
  return {
    async start(orders = {}) {
      const { child, loaded } = spare.shift() ?? load(env, lines)
      fill()
      await loaded
      child.send(orders)
      const worker = toWorker(child)
      all.push(worker)
      return worker
    },
    print: (heading = '') => void process.stderr.write(`${heading}\n${lines.join('').slice(-20_000)}\n`),
    killAll: async () => {
      const unused = spare.splice(0).map(({ child }) => toWorker(child))
      await Promise.all([...all, ...unused].map((worker) => worker.kill()))
    },
  }
}

/** One worker after the other, each killed where its failpoint says, all in the same runs. */
export async function killAtEach(workers: Workers, failpoints: readonly string[]): Promise<void> {
  for (const failpoint of failpoints) {
    const worker = await workers.start({ COUPLET_FAILPOINT: `kill@${failpoint}` })
    expect([failpoint, await worker.ended()]).toEqual([failpoint, 'SIGKILL'])
  }
}

interface Loading {
  readonly child: ChildProcess
  readonly loaded: Promise<unknown>
}

function load(env: Readonly<Record<string, string>>, lines: string[]): Loading {
  const child = spawn(process.execPath, [programFile('test/crash/worker-process.ts')], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      lines.push(String(chunk))
      if (lines.length > 400) lines.splice(0, 100)
    })
  return { child, loaded: once(child, 'message') }
}

function toWorker(child: ChildProcess): Worker {
  const pid = child.pid
  if (pid === undefined) throw new Error('The worker did not start')
  const isAlive = () => child.exitCode === null && child.signalCode === null
  const ended = async (timeoutMs = 60_000) => {
    await waitFor(`the end of worker ${pid}`, () => !isAlive(), timeoutMs)
    return child.signalCode ?? child.exitCode ?? -1
  }
  return {
    pid,
    isAlive,
    ended,
    async kill() {
      if (isAlive()) child.kill('SIGKILL')
      await ended()
    },
    async stop() {
      child.kill('SIGTERM')
      return ended()
    },
    freeze: () => void process.kill(pid, 'SIGSTOP'),
    frozen: async () =>
      void (await waitFor(
        `worker ${pid} stops`,
        () => {
          if (!isAlive()) throw new Error(`Worker ${pid} has ended`)
          return isStopped(pid)
        },
        60_000,
      )),
    thaw: () => void process.kill(pid, 'SIGCONT'),
  }
}

/** True while the process is stopped by a signal, as the operating system shows it. */
export function isStopped(pid: number): boolean {
  const shown = existsSync('/proc/self/stat')
    ? readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')
    : execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
  return shown.trim().startsWith('T')
}
