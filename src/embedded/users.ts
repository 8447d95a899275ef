import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { present } from '../lib/assert.ts'
import { livingProcess } from './process-identity.ts'

/**
 * Who uses the server of a data folder: one file per use, named after its process. A process that died without
 * signing off does not count, because nobody alive has its identity.
 */
export async function signOn(dataDir: string): Promise<string> {
  const me = present(livingProcess(process.pid), 'this process').identity
  await mkdir(folderOf(dataDir), { recursive: true })
  const name = `${me}-${randomUUID().slice(0, 8)}`
  await writeFile(join(folderOf(dataDir), name), '')
  return name
}

export async function signOff(dataDir: string, name: string): Promise<void> {
  await rm(join(folderOf(dataDir), name), { force: true })
}

/** Names of the uses by processes that are alive; the files of the dead are removed. */
export async function livingUsers(dataDir: string): Promise<string[]> {
  const names = await readdir(folderOf(dataDir)).catch(() => [])
  const alive = names.filter((name) => {
    const [pid = '', start = ''] = name.split('-')
    return livingProcess(Number(pid))?.identity === `${pid}-${start}`
  })
  const dead = names.filter((name) => !alive.includes(name))
  await Promise.all(dead.map((name) => signOff(dataDir, name)))
  return alive
}

function folderOf(dataDir: string): string {
  return join(dataDir, 'postgres-users')
}
