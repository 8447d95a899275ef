import { readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DatabaseError } from 'pg'
import { SyncError } from '../core/errors.ts'
import type { Log } from '../core/ports/runtime.ts'
import { createCluster, findCluster, majorOf } from './cluster.ts'
import { chooseServerHome, makeOpenFolder } from './folders.ts'
import { launchServer } from './launch.ts'
import { withLock } from './lock.ts'
import { findPrograms } from './programs.ts'
import {
  findRunningServer,
  isCertainlyRunning,
  query,
  type RunningServer,
  stopServer,
  urlOf,
  waitUntilReady,
} from './running-server.ts'
import { chooseServerUser } from './server-user.ts'
import { livingUsers, signOff, signOn } from './users.ts'

export interface EmbeddedOptions {
  /** Everything the server keeps is below this folder; all processes that name the same folder share one server. */
  readonly dataDir: string
  readonly log: Log
  /** Folder of `initdb` and `postgres`; null or left out: they are searched for. */
  readonly binFolder?: string | null
  /** PATH of the machine, for a Postgres installed there. */
  readonly searchPath?: string
  /** Server settings on top of the usual ones. `fsync=off` also makes the first start quicker: for tests only. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface EmbeddedPostgres {
  /** Address of one database, with the password. */
  url(database: string): string
  /** Creates the database unless it exists. */
  ensureDatabase(name: string): Promise<void>
  /** Ends this use; the last one, of all processes, stops the server. Doing it again changes nothing. */
  release(): Promise<void>
}

/** Joins the server of the data folder, or starts it, on first use with new data. Throws EMBEDDED_UNAVAILABLE. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  return inDataDir(dataDir, async () => {
    const use = await signOn(dataDir)
    try {
      const server = (await joinServer(dataDir, options.log)) ?? (await startServer(dataDir, options))
      return handle(dataDir, use, server, options.log)
    } catch (error) {
      await signOff(dataDir, use)
      throw error
    }
  })
}

/** Stops a server that nobody uses and removes its data for good; throws EMBEDDED_IN_USE while a process uses it. */
export async function resetEmbedded(dataDir: string): Promise<void> {
  const folder = resolve(dataDir)
  await inDataDir(folder, async () => {
    const users = await livingUsers(folder)
    if (users.length > 0) {
      const pids = [...new Set(users.map((name) => name.split('-')[0]))].join(', ')
      throw new SyncError(
        'EMBEDDED_IN_USE',
        `The embedded Postgres in ${folder} is in use by process ${pids}`,
      )
    }
    const cluster = await findCluster(folder)
    if (cluster !== null) {
      await stopIfRunning(cluster)
      const home = dirname(cluster)
      await rm(home === folder ? cluster : home, { recursive: true, force: true })
    }
    const ours = (await readdir(folder)).filter((name) => /^postgres(?!\.lock)/.test(name))
    await Promise.all(ours.map((name) => rm(join(folder, name), { recursive: true, force: true })))
  })
}

/** Runs `work` alone in the data folder; what the file system refuses becomes EMBEDDED_UNAVAILABLE. */
async function inDataDir<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  try {
    await makeOpenFolder(dataDir)
    return await withLock(dataDir, work)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new SyncError(
      'EMBEDDED_UNAVAILABLE',
      `The data folder ${dataDir} cannot be used: ${error.message}. Correct its rights, or use the account that owns it, ` +
        'or set COUPLET_DATA_DIR to another folder',
      { cause: error },
    )
  }
}

async function joinServer(dataDir: string, log: Log): Promise<RunningServer | null> {
  const cluster = await findCluster(dataDir)
  const server = cluster === null ? null : await findRunningServer(cluster)
  if (cluster === null || server === null) return null
  if (!(await waitUntilReady(server, () => false))) {
    // A second server beside a living one would end the first: Postgres gives up when its pid file is rewritten.
    if (isCertainlyRunning(server.pid, cluster)) throw doesNotAnswer(server, dataDir)
    return null
  }
  log.debug({ port: server.port, serverPid: server.pid }, 'Joined the embedded Postgres')
  return server
}

function doesNotAnswer({ pid, port }: RunningServer, dataDir: string): SyncError {
  return new SyncError(
    'EMBEDDED_UNAVAILABLE',
    `The embedded Postgres of ${dataDir} (process ${pid}, port ${port}) runs but lets nobody in, most likely because ` +
      'all its connections are in use; end some of the processes that use it, and try again',
  )
}

async function startServer(dataDir: string, options: EmbeddedOptions): Promise<RunningServer> {
  const existing = await findCluster(dataDir)
  const user = await chooseServerUser(existing)
  const home = existing === null ? await chooseServerHome(dataDir, user) : dirname(existing)
  const programs = await findPrograms({
    binFolder: options.binFolder ?? null,
    searchPath: options.searchPath ?? '',
    user,
    home,
    dataMajor: existing === null ? null : await majorOf(existing),
  })
  // Left over by a data folder that somebody has removed by hand.
  if (existing === null) await stopIfRunning(join(home, 'postgres'))
  const settings = options.settings ?? {}
  const durable = settings['fsync'] !== 'off'
  const cluster = existing ?? (await createCluster({ dataDir, home }, programs, user, durable))
  const server = await launchServer({
    cluster,
    logFile: join(dataDir, 'postgres.log'),
    programs,
    user,
    settings,
  })
  const facts = { version: programs.major, port: server.port, serverPid: server.pid, folder: cluster }
  options.log.info(facts, existing ? 'Embedded Postgres started' : 'Embedded Postgres set up and started')
  return server
}

async function stopIfRunning(cluster: string): Promise<boolean> {
  const server = await findRunningServer(cluster)
  if (server) await stopServer(server)
  return server !== null
}

function handle(dataDir: string, use: string, server: RunningServer, log: Log): EmbeddedPostgres {
  let released: Promise<void> | null = null
  return {
    url: (database) => urlOf(server, database),
    ensureDatabase: (name) => ensureDatabase(server, name),
    release: () => {
      released ??= leave(dataDir, use, log)
      return released
    },
  }
}

async function leave(dataDir: string, use: string, log: Log): Promise<void> {
  await withLock(dataDir, async () => {
    await signOff(dataDir, use)
    if ((await livingUsers(dataDir)).length > 0) return
    const cluster = await findCluster(dataDir)
    if (cluster !== null && (await stopIfRunning(cluster))) log.info({}, 'Embedded Postgres stopped')
  })
}

async function ensureDatabase(server: RunningServer, name: string): Promise<void> {
  if (await query(server, 'SELECT 1 FROM pg_database WHERE datname = $1', [name])) return
  try {
    await query(server, `CREATE DATABASE "${name.replaceAll('"', '""')}"`)
  } catch (error) {
    // Another process may have been faster: duplicate_database, or the unique index below it.
    if (!(error instanceof DatabaseError && ['42P04', '23505'].includes(error.code ?? ''))) throw error
  }
}
