import { randomBytes } from 'node:crypto'
import { hashKey, newKey } from '../../../src/api/api-key.ts'
import { hashPassword } from '../../../src/app/password.ts'
import { parseSecretKeys, sealSecret } from '../../../src/app/sealed-secret.ts'
import { everything } from '../../../src/core/access/api-key.ts'
import { type Role, roles } from '../../../src/core/access/role.ts'
import { addSchedule } from '../../../src/usecases/schedules/change-schedule.ts'
import { type Answer, type Api, startApi } from '../api.ts'
import { createInstallation, type Installation } from '../installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../two-tables.ts'
import type { Plausible } from './inputs.ts'
import type { Operation } from './operations.ts'

/** An installation with something of everything, and what must never be seen of it. */
export interface FuzzedWorld {
  readonly api: Api
  /** By role; `expired`, `stranger` and `of one mapping` besides. */
  readonly keys: ReadonlyMap<string, string>
  /** Texts that stand in no answer and in no line of the log. */
  readonly secrets: readonly string[]
  /** The log. */
  readonly lines: readonly string[]
  readonly plausible: Plausible
  ask(who: string, method: string, path: string, more?: Sent): Promise<Answer>
  close(): Promise<void>
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer | null
}

export async function createFuzzedWorld(): Promise<FuzzedWorld> {
  const secretKey = `k:${randomBytes(32).toString('base64')}`
  const lines: string[] = []
  const couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(4)}; ALTER TABLE crm.account ADD CHECK (name <> 'Customer 2')`,
    env: {
      COUPLET_PORT: '0',
      COUPLET_SECRET_KEY: secretKey,
      COUPLET_HTTP_REFERENCES: 'env:SYSTEMS_URL',
      COUPLET_PRIVATE_NETWORKS: '',
    },
    onLogLine: (line) => lines.push(line),
  })
  await couplet.import(customerMapping)
  await couplet.work()
  const { run } = await couplet.run('full')
  const sealed = sealSecret('the sealed secret', 'crm', parseSecretKeys(secretKey) ?? new Map())
  const password = await fill(couplet, sealed)
  const api = await startApi(couplet.context)
  const keys = await makeKeys(couplet)
  const { DATABASE_URL = '', SYSTEMS_URL = '' } = couplet.env
  const secrets = [
    ...keys.values(),
    secretKey.slice(2),
    sealed,
    'the sealed secret',
    'a secret of the sender',
    password,
  ]
  const passwords = [DATABASE_URL, SYSTEMS_URL].flatMap((url) => [url, new URL(url).password])
  return {
    api,
    keys,
    secrets: [...secrets, ...passwords.filter((each) => each !== '')],
    lines,
    plausible: plausibleNames(run.id, await firstIssue(couplet)),
    ask: (who, method, path, { headers = {}, body = null } = {}) => {
      const key = keys.get(who)
      return api.send(path, {
        method,
        headers: {
          ...(body !== null && { 'content-type': 'application/json' }),
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...headers,
        },
        ...(body !== null && { body: body as string }),
      })
    },
    async close() {
      await api.close()
      await couplet.close()
    },
  }
}

/** Gives the hash of a password. */
async function fill({ context, pair }: Installation, sealed: string): Promise<string> {
  const { access, mappings } = context.deps.stores
  await mappings.saveConnection({ name: 'crm', kind: 'dataverse', settings: dataverse(sealed) })
  const act = { by: 'test', reason: null }
  await addSchedule({ pairId: pair.id, name: 'nightly' }, { cron: '30 2 * * *' }, act, context.deps)
  const password = await hashPassword('a password of paula')
  await access.createAccount({ name: 'paula', role: 'operate', password }, { actor: 'test' })
  return password
}

const dataverse = (password: string) => ({ url: 'https://10.0.0.1/', user: 'me', password })

async function makeKeys({ context }: Installation): Promise<ReadonlyMap<string, string>> {
  const wanted: readonly (readonly [string, Role, object])[] = [
    ...roles.map((role) => [role, role, {}] as const),
    ['expired', 'administer', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['of one mapping', 'administer', { mappings: ['CUSTOMER'] }],
  ]
  const keys = new Map([['stranger', newKey()]])
  for (const [at, [who, role, more]] of wanted.entries()) {
    const key = newKey()
    const stored = { name: `fuzz-${at}`, hash: hashKey(key), role, expiresAt: null, ...everything, ...more }
    await context.deps.stores.access.createApiKey(stored, { actor: 'test' })
    keys.set(who, key)
  }
  return keys
}

async function firstIssue({ context }: Installation): Promise<number> {
  const query = { pairId: null, limit: 1, before: null }
  const [issue] = await context.deps.stores.operations.listIssues(query)
  return issue?.id ?? 1
}

function plausibleNames(run: number, issue: number): Plausible {
  return {
    id: [run, issue, 999_999],
    'mappings/name': ['CUSTOMER'],
    'connections/name': ['test-local', 'crm'],
    'schedules/name': ['nightly'],
    'keys/name': ['first-start'],
    'connections/kind': ['postgres', 'dataverse'],
    'connections/secrets': [{}, { password: 'a secret of the sender' }],
    name: ['nightly', 'CUSTOMER'],
    pair: ['test'],
    mapping: ['CUSTOMER', 'NOBODY'],
    connection: ['test-local', 'crm', 'nobody'],
    table: ['customer', 'account', 'nowhere'],
    version: [1, 2, 99],
    key: ['C1', 'C2', 'NOBODY', 'a,b'],
    keys: [['C1'], ['C1', 'C3']],
    definition: [customerMapping, { ...customerMapping, description: 'changed' }],
    cron: ['30 2 * * *', '61 * * * *', '0 0 30 2 *'],
    timeZone: ['UTC', 'Europe/Copenhagen', 'Nowhere/At/All'],
    url: ['env:SYSTEMS_URL', 'env:DATABASE_URL', 'https://10.0.0.1/'],
    settings: [{ url: 'env:SYSTEMS_URL', schema: 'nav' }, dataverse('sealed'), dataverse('env:DATABASE_URL')],
  }
}

/** What is wrong with an answer; mostly nothing. Without an operation its body is not compared with a document. */
export function faultsOf(
  { status, headers, text, body }: Answer,
  operation: Operation | null,
  { secrets }: Pick<FuzzedWorld, 'secrets'>,
): readonly string[] {
  const type = (headers.get('content-type') ?? '').split(';')[0] ?? ''
  const faults = secrets.filter((secret) => text.includes(secret)).map(() => 'a secret stands in it')
  if (status === 500 || (status > 500 && body?.kind !== 'transient')) faults.push(`status ${status}`)
  if (status >= 400 && type !== 'application/problem+json') faults.push(`an error as ${type}`)
  if (status >= 400 && !/^[A-Z_]+$/.test(body?.code ?? '')) faults.push('an error without a code')
  if (headers.has('x-injected')) faults.push('a header was injected')
  return [...faults, ...(operation?.check(status, type, body) ?? [])]
}
