import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandResult, runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let folder: string
beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(2)}` })
  await couplet.import(customerMapping)
  folder = await mkdtemp(join(tmpdir(), 'couplet-set-up-'))
})
afterAll(async () => {
  await couplet.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> =>
  runCommand(args, { ...couplet.env, ...env })
const json = async (...args: string[]) => {
  const { stdout, stderr } = await run([...args, '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

describe('couplet schedules', () => {
  it('adds, edits, shows, pauses, runs and removes a schedule', async () => {
    const added = await run([
      'schedules',
      'add',
      'nightly',
      '--cron',
      '30 2 * * 1-5',
      '--zone',
      'Europe/Copenhagen',
    ])
    expect([added.code, added.stdout.match(/^ {4}\d{4}-/gm)?.length]).toEqual([0, 5])
    const again = await run(['schedules', 'add', 'nightly', '--every', '5'])
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('SCHEDULE_EXISTS') })
    const edited = await json(
      'schedules',
      'edit',
      'nightly',
      '--every',
      '90',
      '--days',
      'mon-wed',
      '--window',
      '06:00-22:00',
    )
    expect(edited.schedule).toMatchObject({
      everyMinutes: 90,
      cron: null,
      weekdays: [1, 2, 3],
      windowFrom: '06:00',
    })
    await run(['schedules', 'pause', 'nightly', '--reason', 'Month end'])
    expect(await json('schedules', 'show', 'nightly')).toMatchObject({
      state: 'paused',
      because: expect.stringContaining('Month end'),
      nextSlots: [],
    })
    expect(await json('schedules', 'resume', 'nightly')).toEqual({ name: 'nightly', changed: true })
    expect(await json('schedules', 'run', 'nightly')).toMatchObject({
      run: { kind: 'modified', state: 'queued' },
    })
    expect((await json('schedules')).schedules).toMatchObject([
      { schedule: { name: 'nightly' }, state: 'on' },
    ])
    expect(await json('schedules', 'remove', 'nightly')).toEqual({ name: 'nightly', removed: true })
    expect((await run(['schedules', 'show', 'nightly'])).stderr).toContain('SCHEDULE_UNKNOWN')
  }, 240_000)

  it.each([
    [['--cron', '61 * * * *'], /cron '61 \* \* \* \*'/, 1],
    [['--every', '5', '--zone', 'Nowhere'], /timeZone 'Nowhere'/, 1],
    [['--every', '5', '--mapping', 'NOBODY'], /MAPPING_UNKNOWN/, 1],
    [['--every', '5', '--cron', '0 2 * * *'], /cannot be used with/, 1],
    [['--every', '0'], /whole number/, 1],
    [['--every', '5', '--days', 'someday'], /weekdays/, 1],
  ])('refuses %j, and names what is wrong', async (options, message) => {
    const { code, stderr } = await run(['schedules', 'add', 'wrong', ...options])
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(message)])
    expect((await json('schedules')).schedules).toEqual([])
  })

  it('keeps blackouts of calendars', async () => {
    const times = ['--from', '2099-12-24', '--to', '2099-12-27T00:00:00Z']
    const { blackout } = await json(
      'schedules',
      'blackouts',
      'add',
      'year-end',
      ...times,
      '--reason',
      'closed',
    )
    expect((await json('schedules', 'blackouts')).blackouts).toEqual([blackout])
    expect((await run(['schedules', 'blackouts', 'remove', String(blackout.id)])).code).toBe(0)
    expect((await run(['schedules', 'blackouts', 'remove', String(blackout.id)])).stderr).toContain(
      'SCHEDULE_UNKNOWN',
    )
  })
})

describe('couplet mappings', () => {
  it('disables a mapping while its system is down, and enables it once it fits', async () => {
    await couplet.systems.query('ALTER TABLE crm.account RENAME TO gone')
    expect((await run(['mappings', 'disable', 'CUSTOMER', '--reason', 'down'])).stdout).toContain(
      'changed, version 2',
    )
    const refused = await run(['mappings', 'enable', 'CUSTOMER'])
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('TABLE_NOT_FOUND') })
    await couplet.systems.query('ALTER TABLE crm.gone RENAME TO account')
    expect((await json('mappings', 'enable', 'CUSTOMER')).imported).toEqual([
      { name: 'CUSTOMER', version: 3, result: 'changed' },
    ])
    expect((await run(['mappings', 'enable', 'NOBODY'])).stderr).toContain('MAPPING_UNKNOWN')
  })

  /** Each is a real process with a small heap: what it cannot hold ends it with a signal or another code. */
  const refuse = async (path: string) => {
    const env = { NODE_OPTIONS: '--max-old-space-size=192' }
    const { code, stdout, stderr } = await run(['mappings', 'validate', '--offline', path], env)
    return { code, said: `${stdout}${stderr}`.slice(0, 2_000) }
  }
  const fileOf = async (name: string, content: string | Buffer) => {
    const path = join(folder, name)
    await writeFile(path, content)
    return path
  }
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    .concat(
      [...'bcdefghij'].map(
        (name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[at]}`).join(', ')}]`,
      ),
    )
    .join('\n')

  it.each<[string, string | Buffer, RegExp, number]>([
    ['a hundred megabytes', Buffer.alloc(100 * 2 ** 20, 'a'), /larger than 1 MB/, 64],
    ['a bomb of aliases', bomb, /expands aliases more than 50 times/, 1],
    ['brackets without end', '['.repeat(900_000), /nested more than 100 levels/, 1],
    ['commas without end', `a: {${','.repeat(900_000)}}`, /more than 100000 parts/, 1],
    [
      'many names in one map',
      Array.from({ length: 10_000 }, (_, n) => `a${n}: 1`).join('\n'),
      /There is no setting a1/,
      1,
    ],
    [
      'deep blocks',
      Array.from({ length: 1_300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      /MAPPING_INVALID/,
      1,
    ],
    [
      'a picture',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d]),
      /no text in UTF-8/,
      64,
    ],
    ['UTF-16', Buffer.from('\ufeffname: A', 'utf16le'), /no text in UTF-8/, 64],
    ['Latin-1', Buffer.from('name: Caf\xe9', 'latin1'), /no text in UTF-8/, 64],
  ])('refuses %s, and says why', async (what, content, message, code) => {
    const answer = await refuse(await fileOf(`${what.replaceAll(' ', '-')}.yaml`, content))
    expect(answer).toEqual({ code, said: expect.stringMatching(message) })
  })

  it('refuses what is no file, or has no end', async () => {
    const loop = join(folder, 'loop.yaml')
    await symlink(loop, loop)
    expect(await refuse(loop)).toEqual({ code: 64, said: expect.stringContaining('ELOOP') })
    expect(await refuse(folder)).toEqual({ code: 64, said: expect.stringContaining('EISDIR') })
    expect(await refuse('/dev/zero')).toEqual({ code: 64, said: expect.stringContaining('larger than 1 MB') })
    expect(await refuse(join(folder, 'nobody.yaml'))).toEqual({
      code: 64,
      said: expect.stringContaining('ENOENT'),
    })
  })
})
