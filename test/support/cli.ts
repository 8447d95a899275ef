import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { programFile } from './programs.ts'
import { waitFor } from './servers.ts'
import { thisMachine } from './this-machine.ts'

export interface CommandResult {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly pid: number
  /** Waits until the pattern has appeared on either stream. */
  printed(pattern: RegExp): Promise<void>
  interrupt(): void
  /** Closes our end of both streams, as `| head` does once it has seen enough. */
  stopReading(): void
  ended(): Promise<CommandResult>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const inherited = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'NODE_OPTIONS']

/** `couplet …` as a real process with exactly this environment, no terminal, below the project's folder. */
export function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const kept = Object.fromEntries(
    inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  )
  const child = spawn(process.execPath, [programFile('src/cli/main.ts'), ...args], {
    cwd: root,
    env: { ...kept, NO_COLOR: '1', COUPLET_PRIVATE_NETWORKS: thisMachine, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const closed = once(child, 'close')
  return {
    pid: child.pid ?? -1,
    async printed(pattern) {
      await waitFor(`${pattern} from couplet ${args.join(' ')}`, () => {
        const found = pattern.test(stdout + stderr)
        if (!found && child.exitCode !== null) throw new Error(`It ended early: ${stdout}${stderr}`)
        return found
      })
    },
    interrupt: () => void child.kill('SIGINT'),
    stopReading() {
      child.stdout.destroy()
      child.stderr.destroy()
    },
    async ended() {
      await closed
      return { code: child.signalCode ?? child.exitCode ?? -1, stdout, stderr }
    },
  }
}

export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return startCommand(args, env).ended()
}
