import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand, startCommand } from '../support/cli.ts'

const nowhere = 'postgres://couplet:top-secret@127.0.0.1:1/couplet'
const stackLine = /^\s+at /m

describe('what the command line says when something is wrong', () => {
  it('names variable, host and remedy of a database that cannot be reached, without password or stack trace', async () => {
    const result = await runCommand(['runs'], { DATABASE_URL: nowhere })
    expect(result).toMatchObject({ code: 1, stdout: '' })
    expect(result.stderr).toMatch(/^Error: .*127\.0\.0\.1:1.*\(CONNECTION_REFUSED\)$/m)
    expect(result.stderr).toContain('DATABASE_URL')
    expect(result.stderr).toContain('Start the server or correct the address')
    expect(result.stderr).not.toContain('top-secret')
    expect(result.stderr).not.toMatch(stackLine)
  })

  it('shows where an error came from when debug logs are asked for', async () => {
    const env = { DATABASE_URL: nowhere, COUPLET_LOG_LEVEL: 'debug' }
    const result = await runCommand(['runs'], env)
    expect(result.stderr).toMatch(stackLine)
    expect(result.stderr).not.toContain('top-secret')
  })

  it.each([
    ['a database that cannot be reached', ['runs'], 1, 'CONNECTION_REFUSED', /127\.0\.0\.1:1/],
    ['a run that could not begin', ['sync', 'full', '--wait'], 1, 'CONNECTION_REFUSED', /DATABASE_URL/],
    ['a wrong option', ['runs', '--limit', 'all'], 64, 'CONFIG_INVALID', /--limit.*'all'/],
  ])('tells programs of %s in one JSON document', async (_what, args, code, stable, message) => {
    const result = await runCommand([...args, '--json'], { DATABASE_URL: nowhere })
    expect(result.code).toBe(code)
    expect(JSON.parse(result.stdout)).toEqual({
      error: {
        code: stable,
        kind: expect.any(String),
        message: expect.stringMatching(message),
        remedy: expect.any(String),
      },
    })
    expect(result.stdout).not.toContain('top-secret')
  })

  it('says that a run which is waited for could not begin', async () => {
    const result = await runCommand(['sync', 'full', '--wait'], { DATABASE_URL: nowhere })
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('CONNECTION_REFUSED') })
    expect(result.stderr).not.toMatch(stackLine)
  })

  it('ends with code 64 for a wrong setting', async () => {
    const result = await runCommand(['runs'], { COUPLET_PAGE_SIZE: 'many' })
    expect(result).toMatchObject({ code: 64, stderr: expect.stringContaining("COUPLET_PAGE_SIZE = 'many'") })
  })

  it('checks mapping files without any database', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'couplet-')), 'wrong.yaml')
    await writeFile(
      file,
      'name: A\ndirection: Sideways\nlocal: { table: a }\nfields: [{ local: a, remot: b }]\n',
    )
    const result = await runCommand(['mappings', 'validate', file, '--offline'])
    expect(result.code).toBe(1)
    for (const [line, place] of [
      [2, 'direction'],
      [1, 'remote'],
      [4, 'fields[0].remot'],
    ] as const) {
      expect(result.stdout).toContain(`${file}:${line}`)
      expect(result.stdout).toContain(`  ${place}`)
    }
    const shipped = await runCommand(['mappings', 'validate', '--offline', 'mappings/currency.yaml'])
    expect(shipped).toMatchObject({ code: 0, stdout: expect.stringContaining('0 errors') })
    const missing = await runCommand(['mappings', 'validate', '--offline', 'nowhere.yaml'])
    expect(missing).toMatchObject({ code: 64, stderr: expect.stringContaining('nowhere.yaml') })
    const nothing = await runCommand(['mappings', 'validate', '--offline'])
    expect(nothing).toMatchObject({ code: 64, stderr: expect.stringContaining('Name the files') })
  })

  it('writes the shipped mappings for databases, or for Business Central and Dataverse', async () => {
    const tables = async (...args: string[]) => {
      const result = await runCommand(['mappings', 'export', 'CUSTOMER', ...args])
      return /^ {2}table: (.*)$/m.exec(result.stdout)?.[1] ?? `${result.code} ${result.stderr}`
    }
    expect(await tables('--shipped')).toBe('customer')
    expect(await tables('--shipped', '--dynamics')).toBe('couplet/sync/v1.0/customers')
    expect(await tables('--dynamics')).toMatch(/^64 .*Say --shipped/)
  })

  it.each([
    ['results', ['mappings', 'export', '--shipped'], 0],
    ['an error', ['mappings', 'validate', '--offline', 'nowhere.yaml'], 64],
  ])('keeps its exit code when nobody reads %s to the end', async (_what, args, code) => {
    const command = startCommand(args)
    command.stopReading()
    expect((await command.ended()).code).toBe(code)
  })

  it('never resets a database of somebody else, and the embedded one only when told so', async () => {
    const external = await runCommand(['reset', '--yes'], { DATABASE_URL: nowhere })
    expect(external).toMatchObject({ code: 64, stderr: expect.stringContaining('DATABASE_URL is set') })
    const dataDir = await mkdtemp(join(tmpdir(), 'couplet-'))
    const unsure = await runCommand(['reset'], { COUPLET_DATA_DIR: dataDir })
    expect(unsure).toMatchObject({ code: 64, stderr: expect.stringContaining('--yes') })
  })
})
