import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashKey } from '../../src/api/api-key.ts'
import { createFirstAdmin } from '../../src/api/first-admin.ts'
import { ensureFirstKey } from '../../src/api/first-key.ts'
import { createDatabase } from '../../src/store/database.ts'
import { removeOldAudit } from '../../src/store/retention/audit.ts'
import { openTestStore, type TestStore } from '../support/store.ts'

let store: TestStore
let dataDir: string
let file: string

beforeEach(async () => {
  store = await openTestStore()
  dataDir = await mkdtemp(join(tmpdir(), 'couplet-key-'))
  file = join(dataDir, 'api-key')
})
afterEach(async () => {
  await store.close()
  await rm(dataDir, { recursive: true })
})

/** A start of an HTTP process; gives what it has shown to the person. */
async function start(file: string | null): Promise<string> {
  let shown = ''
  await ensureFirstKey(store.store.access, file, (text) => {
    shown += text
  })
  return shown
}

const keyIn = (text: string) => /cpl_[\w-]{43}(?![\w-])/.exec(text)?.[0] ?? ''
const isValid = async (key: string) => (await store.store.access.findApiKey(hashKey(key))) !== null

describe('the first account', () => {
  const startWithPassword = async () => {
    const shown: string[] = []
    await createFirstAdmin(store.store.access, (text) => shown.push(text))
    return shown.length
  }

  it('is made also where somebody has made a key before, once, and not again when it was removed', async () => {
    await start(null)
    expect(await Promise.all([startWithPassword(), startWithPassword()])).toContain(1)
    expect(await store.store.access.listAccounts()).toMatchObject([{ name: 'admin', role: 'administer' }])
    expect(await startWithPassword()).toBe(0)
    await store.store.access.removeAccount('admin', { actor: 'test' })
    expect(await startWithPassword()).toBe(0)
    expect(await store.store.access.listAccounts()).toEqual([])
  })

  it('is not made where retention has removed who was there once', async () => {
    expect(await startWithPassword()).toBe(1)
    await store.store.access.removeAccount('admin', { actor: 'test' })
    await removeOldAudit(createDatabase(store.pool), 0)
    expect(await store.store.access.listAudit({ action: 'user.add', limit: 1, before: null })).toEqual([])
    expect(await startWithPassword()).toBe(0)
  })
})

describe('the first API key', () => {
  it('is shown once, and only its hash is stored', async () => {
    const key = keyIn(await start(null))
    expect(await isValid(key)).toBe(true)
    expect(await start(null)).toBe('')
    const { rows } = await store.pool.query('SELECT * FROM couplet.api_key')
    expect(JSON.stringify(rows)).not.toContain(key)
    expect(rows).toHaveLength(1)
    await expect(stat(file)).rejects.toThrow('ENOENT')
  })

  it('lies next to the embedded data, readable by its owner only', async () => {
    const shown = await start(file)
    expect(shown).toContain(file)
    expect((await readFile(file, 'utf8')).trim()).toBe(keyIn(shown))
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it.each(['the store alone', 'store and file'])(
    'P11: of several processes that start at once, one shows a key, and that key is valid (%s)',
    async (where) => {
      const place = where === 'store and file' ? file : null
      const shown = await Promise.all(Array.from({ length: 5 }, () => start(place)))
      const keys = shown.map(keyIn).filter((key) => key !== '')
      expect(keys).toHaveLength(1)
      expect(await isValid(keys[0] ?? '')).toBe(true)
      if (place) expect((await readFile(place, 'utf8')).trim()).toBe(keys[0])
    },
  )

  it('P11: a start that was cut off after writing the file goes on with the key in it', async () => {
    const key = `cpl_${'k'.repeat(43)}`
    await writeFile(file, `${key}\n`)
    expect(keyIn(await start(file))).toBe(key)
    expect(await isValid(key)).toBe(true)
  })

  it('replaces a file that holds no key', async () => {
    await writeFile(file, 'nonsense')
    const key = keyIn(await start(file))
    expect(await isValid(key)).toBe(true)
    expect((await readFile(file, 'utf8')).trim()).toBe(key)
  })
})
