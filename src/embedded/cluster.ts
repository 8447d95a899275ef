import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, lstat, mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SyncError } from '../core/errors.ts'
import type { Programs } from './programs.ts'
import { type ServerUser, spawnAs } from './server-user.ts'

/** The only account of the embedded server. */
export const superuser = 'couplet'

/** Real folder of the cluster of this data folder, or null when there is none yet. */
export async function findCluster(dataDir: string): Promise<string | null> {
  return realpath(join(dataDir, 'postgres')).catch(() => null)
}

export async function majorOf(cluster: string): Promise<number> {
  return Number(await readFile(join(cluster, 'PG_VERSION'), 'utf8'))
}

export async function passwordOf(cluster: string): Promise<string> {
  return readFile(passwordFile(cluster), 'utf8')
}

/**
 * Makes the cluster in `home`; when that is not the data folder itself, a link leads there. Either everything is
 * there afterwards or nothing: what an interrupted start has left behind is replaced.
 */
export async function createCluster(
  place: { dataDir: string; home: string },
  programs: Programs,
  user: ServerUser,
  durable: boolean,
): Promise<string> {
  const cluster = join(place.home, 'postgres')
  const unfinished = join(place.home, 'postgres.new')
  const password = `${unfinished}.password`
  await rm(unfinished, { recursive: true, force: true })
  await rm(password, { force: true })
  await mkdir(unfinished, { mode: 0o700 })
  await writeFile(password, randomBytes(24).toString('hex'), { mode: 0o600 })
  if (user) await Promise.all([unfinished, password].map((path) => chown(path, user.uid, user.gid)))
  await runInitdb(programs, user, [
    `--pgdata=${unfinished}`,
    `--pwfile=${password}`,
    ...(durable ? [] : ['--no-sync']),
  ])
  await rename(password, passwordFile(unfinished))
  // Without a link from the data folder nobody has ever used what stands there.
  await rm(cluster, { recursive: true, force: true })
  await rename(unfinished, cluster)
  if (place.home !== place.dataDir) await link(cluster, join(place.dataDir, 'postgres'))
  // As findCluster gives it to those who join: they know the server by the folder in its command line.
  return realpath(cluster)
}

async function runInitdb(programs: Programs, user: ServerUser, where: string[]): Promise<void> {
  const locale =
    programs.major >= 17
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--locale=C']
  const options = [`--username=${superuser}`, '--auth=scram-sha-256', '--encoding=UTF8', ...locale]
  // In a process group of its own: Ctrl-C in a terminal must stop this process in order, not initdb in the middle.
  const child = spawn(join(programs.bin, 'initdb'), [...where, ...options], {
    ...spawnAs(user),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const failure = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) =>
      resolve(code === 0 ? null : `${output.trim()} (initdb: ${signal ?? code})`),
    )
  })
  if (failure === null) return
  throw new SyncError('EMBEDDED_UNAVAILABLE', `The embedded Postgres could not be set up: ${failure}`)
}

async function link(cluster: string, path: string): Promise<void> {
  if (await lstat(path).catch(() => null)) await rm(path)
  await symlink(cluster, path)
}

function passwordFile(cluster: string): string {
  return join(cluster, 'couplet.password')
}
