import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { present } from '../src/lib/assert.ts'
import { siblingProcess } from './sibling.ts'

export type HttpSystem = 'dataverse' | 'business-central'

/** Where a simulator is, and who may come in. */
export interface Place {
  readonly clientId: string
  readonly clientSecret: string
  readonly url: string
  readonly tokenUrl: string
  readonly scope: string
  /** What the connection's setting says. */
  readonly root: string
  readonly company: string
}

export interface RunningSimulator {
  readonly place: Place
  stop(): Promise<void>
}

/** A simulator without limits in a process of its own. */
export async function startSimulator(system: HttpSystem, size: number): Promise<RunningSimulator> {
  const server = siblingProcess('http-server', import.meta.url)
  const child = spawn(process.execPath, [...server, system, String(size)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const place = JSON.parse(await firstLine(child)) as Place
  return {
    place,
    async stop() {
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of present(child.stdout, 'output')) {
    text += String(chunk)
    if (text.includes('\n')) return text
  }
  throw new Error('The simulator has not started')
}
