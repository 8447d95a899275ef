import { spawn } from 'node:child_process'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { SyncError } from '../core/errors.ts'
import { sleep } from '../lib/sleep.ts'
import { passwordOf } from './cluster.ts'
import type { Programs } from './programs.ts'
import { disownPidFile, type RunningServer, waitUntilReady } from './running-server.ts'
import { type ServerUser, spawnAs } from './server-user.ts'

const attempts = 100
const pauseMs = 300
const largestLogBytes = 1_000_000
/** Children of a killed server need a moment to end; another program may have taken the port. */
const passing = /pre-existing shared memory block|could not bind|could not create any TCP\/IP sockets/

export interface Launch {
  readonly cluster: string
  readonly logFile: string
  readonly programs: Programs
  readonly user: ServerUser
  /** Server settings on top of ours. */
  readonly settings: Readonly<Record<string, string>>
}

/** Starts the server and waits until it answers. It lives on when this process ends: who uses it last stops it. */
export async function launchServer(launch: Launch): Promise<RunningServer> {
  await keepLogSmall(launch.logFile)
  await disownPidFile(launch.cluster)
  let output = ''
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const result = await tryOnce(launch)
    if (typeof result !== 'string') return result
    output = result
    if (!passing.test(output)) break
    await sleep(pauseMs)
  }
  const reasons = output.split('\n').filter((line) => /FATAL|PANIC|ERROR|HINT/.test(line))
  throw new SyncError(
    'EMBEDDED_UNAVAILABLE',
    `The embedded Postgres did not start: ${(reasons.length > 0 ? reasons : [output.trim()]).join('; ')} (log: ${launch.logFile})`,
  )
}

/** The server, or what it wrote before it gave up. */
async function tryOnce({
  cluster,
  logFile,
  programs,
  user,
  settings,
}: Launch): Promise<RunningServer | string> {
  const port = await freePort()
  const before = (await stat(logFile).catch(() => null))?.size ?? 0
  const log = await open(logFile, 'a', 0o600)
  try {
    const child = spawn(join(programs.bin, 'postgres'), ['-D', cluster, ...optionsFor(port, settings)], {
      ...spawnAs(user),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    let ended = false
    child.once('exit', () => {
      ended = true
    })
    child.once('error', () => {
      ended = true
    })
    child.unref()
    if (child.pid !== undefined) {
      const server = { pid: child.pid, port, password: await passwordOf(cluster) }
      if (await waitUntilReady(server, () => ended)) return server
    }
  } finally {
    await log.close()
  }
  return (await readFile(logFile)).subarray(before).toString()
}

function optionsFor(port: number, extra: Readonly<Record<string, string>>): string[] {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    // The data folder's path may be longer than the name of a socket can be.
    unix_socket_directories: '',
    // Each process that joins may take some 40.
    max_connections: '300',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...extra,
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function keepLogSmall(logFile: string): Promise<void> {
  const found = await stat(logFile).catch(() => null)
  if (found === null || found.size < largestLogBytes) return
  await rm(`${logFile}.1`, { force: true })
  await rename(logFile, `${logFile}.1`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('Invariant broken: no port was given')
  return address.port
}
