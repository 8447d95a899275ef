import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readBackupFile, writeBackupFile } from '../../../src/app/backup-file.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-backup-file-'))
  file = join(folder, 'backup.gz')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function* lines(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts
}

const read = async () => {
  const found: string[] = []
  for await (const line of readBackupFile(file)) found.push(line)
  return found
}

it('is whole whoever else writes the same file at the same time: the last one that is done counts', async () => {
  let go = () => {}
  const word = new Promise<void>((resolve) => {
    go = resolve
  })
  let begun = () => {}
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve
  })
  async function* slow(): AsyncGenerator<string> {
    yield 'slow'
    begun()
    await word
    yield 'and done'
  }
  const first = writeBackupFile(file, slow())
  await hasBegun
  await writeBackupFile(file, lines('quick'))
  expect(await read()).toEqual(['quick'])
  go()
  await first
  expect(await read()).toEqual(['slow', 'and done'])
  expect(await readdir(folder)).toEqual(['backup.gz'])
})

it('is not replaced by one that is older and was slower', async () => {
  const header = (at: string) => JSON.stringify({ couplet: 'backup', at })
  const [older, newer] = [header('2026-11-27T10:00:00Z'), header('2026-11-27T10:00:01Z')]
  await writeBackupFile(file, lines(newer))
  await expect(writeBackupFile(file, lines(older))).rejects.toMatchObject({ code: 'BACKUP_OUTRUN' })
  expect(await read()).toEqual([newer])
  expect(await readdir(folder)).toEqual(['backup.gz'])
  await writeBackupFile(file, lines(newer, 'and again'))
  expect(await read()).toEqual([newer, 'and again'])
  await writeFile(file, 'no backup')
  await writeBackupFile(file, lines(older))
  expect(await read()).toEqual([older])
})

it('leaves the one before in place, and nothing beside it, where it fails', async () => {
  await writeBackupFile(file, lines('whole'))
  async function* broken(): AsyncGenerator<string> {
    yield 'half'
    throw new Error('the store is gone')
  }
  await expect(writeBackupFile(file, broken())).rejects.toThrow('the store is gone')
  expect(await read()).toEqual(['whole'])
  expect(await readdir(folder)).toEqual(['backup.gz'])
})
