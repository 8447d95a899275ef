import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { budgetLimitsOf } from '../../src/app/connections.ts'
import { present } from '../../src/lib/assert.ts'
import { budgetReport, type ReportParts } from '../support/budget-fixtures.ts'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let folder: string
const couple = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCommand(args, { ...couplet.env, COUPLET_CONNECTORS_DIR: folder, ...env })
const urlOf = (change: (url: URL) => void) => {
  const [address = ''] = Object.values(couplet.env).filter((value) => value.startsWith('postgres'))
  const url = new URL(address)
  change(url)
  return url.href
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-connection-'))
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}; CREATE ROLE clerk${process.pid} LOGIN PASSWORD 'top-secret';
      GRANT USAGE ON SCHEMA nav TO clerk${process.pid}`,
  })
  await couplet.import(customerMapping)
})
afterAll(async () => {
  await couplet.systems.query(`DROP OWNED BY clerk${process.pid}; DROP ROLE clerk${process.pid}`)
  await couplet.close()
  await rm(folder, { recursive: true, force: true })
})

describe('couplet connection', () => {
  it('tries the mapped tables of a connection with the fields they need', async () => {
    const name = couplet.pair.localConnection.name
    const result = await couple(['connection', 'test', name, '--json'])
    expect(result.code).toBe(0)
    const { checks } = JSON.parse(result.stdout)
    expect(checks.map(({ step }: { step: string }) => step)).toEqual([
      'settings',
      'connection',
      'tables',
      'table customer',
    ])
  })

  it('lists tables and describes a table with types, key and what is required', async () => {
    const name = couplet.pair.localConnection.name
    expect((await couple(['connection', 'describe', name])).stdout).toMatch(/^customer$/m)
    const { stdout } = await couple(['connection', 'describe', name, 'customer'])
    expect(stdout).toMatch(/^id +uuid +key/m)
    expect(stdout).toMatch(/^name +text of 100/m)
    const list = await couple(['connection', 'list', '--json'])
    expect(JSON.parse(list.stdout).connections).toHaveLength(2)
  })

  it('suggests a mapping that passes validation as it is', async () => {
    const { localConnection, remoteConnection } = couplet.pair
    const file = join(folder, 'suggested.yaml')
    const args = [
      'connection',
      'describe',
      localConnection.name,
      'customer',
      '--suggest-mapping',
      `${remoteConnection.name}:account`,
    ]
    expect((await couple([...args, '--name', 'SUGGESTED', '--out', file])).code).toBe(0)
    expect(await readFile(file, 'utf8')).toMatch(/^# Suggested/)
    const checked = await couple(['mappings', 'validate', file, '--json'])
    expect(
      JSON.parse(checked.stdout).problems.filter(
        ({ severity }: { severity: string }) => severity === 'error',
      ),
    ).toEqual([])
    const again = await couple([...args, '--out', file])
    expect(again).toMatchObject({ code: 64, stderr: expect.stringContaining('EEXIST') })
  })

  it('never takes a secret in clear text, and never repeats it', async () => {
    const args = [
      'connection',
      'add',
      'erp',
      '--kind',
      'dataverse',
      '--set',
      'url=https://a.example/',
      'clientSecret=top-secret',
    ]
    const result = await couple(args)
    expect(result).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('clientSecret must be env:NAME'),
    })
    expect(result.stdout + result.stderr).not.toContain('top-secret')
  })

  it.each<[string, (url: URL) => void, string]>([
    ['the name of the host', (url) => (url.hostname = 'no-such-host.invalid'), 'HOST_UNKNOWN'],
    ['the port', (url) => (url.port = '1'), 'CONNECTION_REFUSED'],
    ['TLS', (url) => url.searchParams.set('sslmode', 'verify-full'), 'TLS_FAILED'],
    ['the database', (url) => (url.pathname = '/nowhere'), 'CONNECTION_NOT_FOUND'],
    ['the user', (url) => (url.username = 'nobody-at-all'), 'CONNECTION_SIGN_IN_FAILED'],
  ])('names what fails, and stores nothing: %s', async (_what, change, code) => {
    const args = ['connection', 'add', 'wrong', '--kind', 'postgres', '--set', 'url=env:WRONG_URL']
    const result = await couple(args, { WRONG_URL: urlOf(change) })
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining(`(${code})`) })
    expect((await couple(['connection', 'list', '--json'])).stdout).not.toContain('wrong')
  })

  it('names the privilege, the table and the column that is missing', async () => {
    const args = [
      'connection',
      'add',
      'clerk',
      '--kind',
      'postgres',
      '--set',
      'url=env:CLERK_URL',
      'schema=nav',
    ]
    const database =
      (await couplet.rows<{ name: string }>('SELECT current_database() AS name'))[0]?.name ?? ''
    const env = {
      CLERK_URL: urlOf((url) => {
        url.username = `clerk${process.pid}`
        url.password = 'top-secret'
        url.pathname = `/${database}`
      }),
    }
    expect(await couple(args, env)).toMatchObject({ code: 0 })
    const codeOf = async (...more: readonly string[]) => {
      const { stdout } = await couple(['connection', 'test', 'clerk', '--json', ...more], env)
      return JSON.parse(stdout).checks.at(-1).error?.code
    }
    expect(await codeOf('--table', 'customer')).toBe('PRIVILEGE_MISSING')
    expect(await codeOf('--table', 'nothing')).toBe('TABLE_NOT_FOUND')
    await couplet.systems.query(`GRANT SELECT ON nav.customer TO clerk${process.pid}`)
    expect(await codeOf('--table', 'customer', '--field', 'nothing')).toBe('FIELD_NOT_FOUND')
    expect(await codeOf('--table', 'customer', '--field', 'name')).toBeUndefined()
  })

  it('opens a connector of one’s own, and pairs connections that are there', async () => {
    const example = fileURLToPath(new URL('../../examples/rest-connector.ts', import.meta.url))
    await writeFile(join(folder, 'mine.ts'), `export { connector } from ${JSON.stringify(example)}`)
    const args = [
      'connection',
      'add',
      'mine',
      '--kind',
      'module',
      '--set',
      'module=./mine.ts',
      'url=http://127.0.0.1:1',
      'token=env:TOKEN',
    ]
    const result = await couple(args, { TOKEN: 'top-secret' })
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('(CONNECTION_REFUSED)') })
    const { localConnection, remoteConnection } = couplet.pair
    const setup = ['setup', '--pair', 'second', '--mappings', 'none']
    const sides = [
      '--local',
      `connection:${remoteConnection.name}`,
      '--remote',
      `connection:${localConnection.name}`,
    ]
    expect(await couple([...setup, ...sides])).toMatchObject({ code: 0 })
    const { connections } = JSON.parse((await couple(['connection', 'list', '--json'])).stdout)
    expect(connections.find(({ name }: { name: string }) => name === localConnection.name).usedBy).toContain(
      'second (remote)',
    )
  })

  it('says what is used of a budget: nothing where there is none', async () => {
    const result = await couple(['connection', 'budget', couplet.pair.localConnection.name, '--json'])
    expect(JSON.parse(result.stdout)).toMatchObject({ limits: null, budgets: [] })
  })

  it('says what is used of each limit of an application user, and which one sets the speed', async () => {
    const { mappings, budgets } = couplet.context.deps.stores
    const settings = { url: 'https://contoso.example', executionSecondsPerFiveMinutes: '10' }
    const connection = await mappings.saveConnection({ name: 'limited', kind: 'dataverse', settings })
    const limits = present(budgetLimitsOf(connection), 'limits of Dataverse')
    const exchange = (report: ReportParts) =>
      budgets.exchange({
        connectionId: connection.id,
        identity: 'app-1',
        limits,
        report: budgetReport('worker', report),
      })
    await exchange({ want: { requests: 10, executionMs: 10_000, slots: 3 } })
    await exchange({ requestsTotal: 4, executionTotalMs: 8_000.25, running: 2, keep: { slots: 2 } })
    const { stdout } = await couple(['connection', 'budget', 'limited'])
    const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
    expect(rows).toContainEqual(['app-1', 'requests', '4', '6000', '6000', '1'])
    expect(rows).toContainEqual([
      'app-1',
      'execution time (ms)',
      '8000',
      '10000',
      '10000',
      '1',
      'sets the speed',
    ])
    expect(rows).toContainEqual(['app-1', 'concurrency', '2', '51', '51', '1'])
  })
})
