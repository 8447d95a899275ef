import { readFile, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { Client, DatabaseError } from 'pg'
import { SyncError } from '../core/errors.ts'
import { sleep } from '../lib/sleep.ts'
import { passwordOf, superuser } from './cluster.ts'
import { commandOf, livingProcess } from './process-identity.ts'

const pollMs = 20
const startingUp = '57P03'
const tooManyConnections = '53300'

/** A server process and where it listens. */
export interface RunningServer {
  readonly pid: number
  readonly port: number
  readonly password: string
}

/** The living server of this cluster, or null. A pid that now belongs to another program does not count. */
export async function findRunningServer(cluster: string): Promise<RunningServer | null> {
  const lines = (await readFile(pidFileOf(cluster), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  const found = pid > 0 ? livingProcess(pid) : null
  if (found === null || isAnotherProgram(pid, found.program, cluster)) return null
  return { pid, port: Number(lines[3]), password: await passwordOf(cluster) }
}

/**
 * To be called when no server runs: makes Postgres ignore the pid that a killed one has left, which may belong to
 * another program by now, or to a dead process that nobody has collected. Postgres never minds the pid of its parent;
 * the rest of the file stays, so that it still notices children of the killed server.
 */
export async function disownPidFile(cluster: string): Promise<void> {
  const content = await readFile(pidFileOf(cluster), 'utf8').catch(() => null)
  if (content !== null) await writeFile(pidFileOf(cluster), content.replace(/^\d+/, String(process.pid)))
}

function pidFileOf(cluster: string): string {
  return join(cluster, 'postmaster.pid')
}

/** True when the process is the server of this cluster beyond doubt; systems without /proc leave it open. */
export function isCertainlyRunning(pid: number, cluster: string): boolean {
  return livingProcess(pid) !== null && commandOf(pid).includes(cluster)
}

function isAnotherProgram(pid: number, program: string | null, cluster: string): boolean {
  if (program !== null && !program.startsWith('postgres')) return true
  const command = commandOf(pid)
  // Children of some server bear a title in place of their command line.
  if (command[0]?.startsWith('postgres: ')) return true
  const folder = command[command.indexOf('-D') + 1] ?? ''
  // A relative folder may be ours: somebody has started the server by hand.
  return command.includes('-D') && isAbsolute(folder) && folder !== cluster
}

export function urlOf(server: RunningServer, database: string): string {
  return `postgres://${superuser}:${server.password}@127.0.0.1:${server.port}/${database}`
}

/** Runs one statement on one database of the server. */
export async function query(server: RunningServer, text: string, values: string[] = []): Promise<number> {
  const client = new Client({ connectionString: urlOf(server, 'postgres'), connectionTimeoutMillis: 10_000 })
  // A lost connection shows in the query itself.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text, values)).rowCount ?? 0
  } finally {
    await client.end()
  }
}

/** Waits until the server answers, however long it has to recover; false when it ends or is not ours. */
export async function waitUntilReady(server: RunningServer, hasEnded: () => boolean): Promise<boolean> {
  let refusals = 0
  while (!hasEnded() && livingProcess(server.pid) !== null) {
    try {
      await query(server, 'SELECT 1')
      return true
    } catch (error) {
      const code = error instanceof DatabaseError ? error.code : null
      refusals = code === startingUp ? 0 : refusals + 1
      if (code !== null && code !== startingUp && code !== tooManyConnections) return false
      if (refusals > 1_500) return false
    }
    await sleep(pollMs)
  }
  return false
}

/** Stops the server in order, by force after 15 seconds; throws when it belongs to somebody else or does not end. */
export async function stopServer(server: RunningServer): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!send(server.pid, signal)) return
    for (let waited = 0; waited < 15_000; waited += pollMs) {
      if (livingProcess(server.pid) === null) return
      await sleep(pollMs)
    }
  }
  throw new SyncError('EMBEDDED_UNAVAILABLE', `The embedded Postgres (process ${server.pid}) does not stop`)
}

/** False when there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
