import { createHash } from 'node:crypto'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canEnter, type ServerUser } from './server-user.ts'

/** Makes the folder and its missing parents, each readable by everybody whatever the umask is. */
export async function makeOpenFolder(path: string): Promise<void> {
  if (await isFolder(path)) return
  await makeOpenFolder(dirname(path))
  try {
    await mkdir(path)
  } catch (error) {
    // Another process may have been faster.
    if (await isFolder(path)) return
    throw error
  }
  await chmod(path, 0o755)
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/**
 * Folder for what the server itself must reach: the data folder, or, when root runs us below a folder that the
 * server's account may not enter (such as /root), one of its own under /var/lib.
 */
export async function chooseServerHome(dataDir: string, user: ServerUser): Promise<string> {
  if (await canEnter(user, dataDir)) return dataDir
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const home = join('/var/lib/couplet', name)
  await makeOpenFolder(home)
  return home
}
