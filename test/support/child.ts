import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { programFile } from './programs.ts'
import { waitFor } from './servers.ts'

export interface Child {
  readonly process: ChildProcess
  readonly pid: number
  output(): string
  /** Waits until the pattern has appeared on stdout; gives its first group, or the whole match. */
  printed(pattern: RegExp): Promise<string>
  /** Waits for the end; the exit code, or the name of the signal. */
  ended(): Promise<number | string>
}

interface ChildOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  /** A process group of its own, so that a signal can be sent to the whole group. */
  readonly detached?: boolean
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A program of this project (path from its root; TypeScript: one of `programs.ts`) as a real child process. */
export function startChild(file: string, options: ChildOptions = {}): Child {
  const child = spawn(
    process.execPath,
    [file.endsWith('.ts') ? programFile(file) : file, ...(options.args ?? [])],
    {
      cwd: root,
      env: { ...process.env, HOME: '/tmp', ...options.env },
      detached: options.detached ?? false,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const closed = once(child, 'close')
  const printed = async (pattern: RegExp) => {
    const match = await waitFor(`${pattern} in the output of ${file}`, () => {
      const found = pattern.exec(stdout)
      if (!found && child.exitCode !== null) throw new Error(`${file} ended early: ${stdout}${stderr}`)
      return found
    })
    return match[1] ?? match[0]
  }
  const ended = async () => {
    await closed
    return child.signalCode ?? child.exitCode ?? -1
  }
  if (child.pid === undefined) throw new Error(`${file} did not start`)
  return { process: child, pid: child.pid, output: () => stdout + stderr, printed, ended }
}
