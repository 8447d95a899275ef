import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { programFile } from '../support/programs.ts'

export type Role = 'worker' | 'scheduler' | 'api'

const programs = {
  worker: 'workers/sync.ts',
  scheduler: 'workers/scheduler.ts',
  api: 'workers/api.ts',
} as const satisfies Record<Role, string>

/** The processes of an installation, and what a supervisor does: who ends is started again. */
export interface Fleet {
  /** A process of the role, chosen by a number in [0, 1): SIGKILL, and another one in its place. */
  kill(role: Role, chosen: number): Promise<void>
  choose(role: Role, chosen: number): ChildProcess
  freeze(process: ChildProcess): void
  thaw(process: ChildProcess): void
  /** Any process, chosen like that. */
  any(chosen: number): ChildProcess
  /** The one with this number of the operating system, if it is one of these. */
  find(pid: number): ChildProcess | undefined
  /** Its wall clock jumps, and is from now on so far ahead of the world's, or behind it. */
  setClock(process: ChildProcess, aheadMs: number): void
  /** What processes have said on stderr that is no JSON: the first API key is among it. */
  said(): string
  /** The last log lines, for whoever looks into a failure. */
  lastLines(): string
  /** How often one has ended although nobody wanted it to. */
  endedByThemselves(): number
  close(): Promise<void>
}

export function startFleet(
  env: Readonly<Record<string, string>>,
  sizes: Readonly<Record<Role, number>>,
): Fleet {
  const places: { readonly role: Role; child: ChildProcess }[] = []
  const lines: string[] = []
  const state = { plain: '', ended: 0, isOver: false }
  const start = (role: Role): ChildProcess => {
    const clock = pathToFileURL(programFile('test/chaos/skewed-clock.ts')).href
    const child = spawn(process.execPath, ['--import', clock, programFile(programs[role])], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child.stderr?.on('data', (chunk) => {
      const text = String(chunk)
      if (!text.startsWith('{')) state.plain += text
      lines.push(text)
      if (lines.length > 500) lines.splice(0, 100)
    })
    return child
  }
  const supervise = (role: Role) => {
    const place = { role, child: start(role) }
    const watch = () => {
      const { child } = place
      child.once('exit', (_code, signal) => {
        if (state.isOver) return
        if (signal !== 'SIGKILL') state.ended += 1
        place.child = start(role)
        watch()
      })
    }
    watch()
    places.push(place)
  }
  for (const [role, count] of Object.entries(sizes) as [Role, number][])
    for (let index = 0; index < count; index += 1) supervise(role)
  const choose = (role: Role, chosen: number): ChildProcess => {
    const of = places.filter((place) => place.role === role)
    const place = of[Math.floor(chosen * of.length)]
    if (!place) throw new Error(`No ${role} runs`)
    return place.child
  }
  return {
    async kill(role, chosen) {
      const child = choose(role, chosen)
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    choose,
    any: (chosen) => (places[Math.floor(chosen * places.length)] as (typeof places)[number]).child,
    find: (pid) => places.find(({ child }) => child.pid === pid)?.child,
    freeze: (child) => void child.kill('SIGSTOP'),
    thaw: (child) => void child.kill('SIGCONT'),
    // One that has just been killed does not hear it any more.
    setClock: (child, aheadMs) => void child.send(aheadMs, () => {}),
    said: () => state.plain,
    lastLines: () => lines.join('').slice(-20_000),
    endedByThemselves: () => state.ended,
    async close() {
      state.isOver = true
      await Promise.all(
        places.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const gone = once(child, 'exit')
          child.kill('SIGKILL')
          await gone
        }),
      )
    },
  }
}
