import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { everything } from '../core/access/api-key.ts'
import type { AccessStore } from '../core/ports/access-store.ts'
import { hashKey, isKey, newKey } from './api-key.ts'

const NAME = 'first-start'

/**
 * Makes the API key of a new installation and shows it, once. Several processes may start at once: the store takes one
 * key of this name, and only the process whose key that is shows it. With a file the key is kept there as well, and a
 * start that was cut off goes on with the key in it.
 */
export async function ensureFirstKey(
  access: Pick<AccessStore, 'hasApiKeys' | 'createApiKey'>,
  file: string | null,
  show: (text: string) => void,
): Promise<void> {
  if (await access.hasApiKeys()) return
  const key = file === null ? newKey() : await keyInFile(file)
  const first = {
    name: NAME,
    hash: hashKey(key),
    role: 'administer',
    expiresAt: null,
    ...everything,
  } as const
  if (!(await access.createApiKey(first, { actor: NAME, reason: 'there was no key' }))) return
  const where = file === null ? 'It is shown only now: keep it in a safe place.' : `It also lies in ${file}`
  show(`\nAPI key of this installation: ${key}\n${where}\n\n`)
}

/** The key in the file, which is made with a new key first where there is none. Readable by its owner only. */
async function keyInFile(file: string): Promise<string> {
  const draft = `${file}.${randomUUID()}`
  const key = newKey()
  await writeFile(draft, `${key}\n`, { mode: 0o600 })
  if (await isFirst(draft, file)) return key
  const existing = (await readFile(file, 'utf8')).trim()
  if (!isKey(existing)) {
    await rename(draft, file)
    return key
  }
  await unlink(draft)
  return existing
}

/** A link is made whole or not at all, and by one process only. */
async function isFirst(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file)
    await unlink(draft)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
