import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { SyncError } from '../core/errors.ts'

const run = promisify(execFile)

/** Account the server runs under; null: the account of this process. Postgres refuses to run as root. */
export type ServerUser = { readonly uid: number; readonly gid: number } | null

/** For root: the owner of the existing cluster, else `postgres`, else `nobody`. */
export async function chooseServerUser(existingCluster: string | null): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return null
  if (existingCluster !== null) {
    const { uid, gid } = await stat(existingCluster)
    return { uid, gid }
  }
  for (const name of ['postgres', 'nobody']) {
    const user = await lookUp(name)
    if (user) return user
  }
  throw new SyncError(
    'EMBEDDED_UNAVAILABLE',
    'Postgres does not run as root, and this machine has neither a user postgres nor a user nobody',
  )
}

async function lookUp(name: string): Promise<ServerUser> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return null
  }
}

/** Options for a child process under that account: nothing of our environment, no folder it may not enter. */
export function spawnAs(user: ServerUser) {
  return {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  }
}

/** True when the account may enter this folder. */
export async function canEnter(user: ServerUser, folder: string): Promise<boolean> {
  if (user === null) return true
  return run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], spawnAs(user)).then(
    () => true,
    () => false,
  )
}
