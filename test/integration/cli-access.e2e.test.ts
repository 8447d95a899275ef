import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hashKey } from '../../src/api/api-key.ts'
import { isPassword } from '../../src/app/password.ts'
import { openSecret, parseSecretKeys, sealSecret } from '../../src/app/sealed-secret.ts'
import { runCommand } from '../support/cli.ts'
import { openTestStore, type TestStore } from '../support/store.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

const keyOf = (name: string) => `${name}:${randomBytes(32).toString('base64')}`
const [older, newer] = [keyOf('2025'), keyOf('2026')]
const couplet = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand(args, { DATABASE_URL: opened.url, COUPLET_MIGRATE: 'off', ...env })
const access = () => opened.store.access

it('a key is printed once and opens with its role until it is revoked', async () => {
  const added = await couplet([
    'keys',
    'add',
    'shop',
    '--role',
    'operate',
    '--expires',
    '2999-01-01',
    '--reason',
    'orders',
  ])
  expect(added.code).toBe(0)
  const key = added.stdout.trim()
  expect(await access().findApiKey(hashKey(key))).toMatchObject({ role: 'operate', revokedAt: null })
  const again = await couplet(['keys', 'add', 'shop', '--role', 'view', '--expires', '2020-01-01'])
  expect(again).toMatchObject({ code: 64, stderr: expect.stringContaining('is over already') })
  expect((await couplet(['keys', 'revoke', 'shop'])).code).toBe(0)
  const listed = JSON.parse((await couplet(['keys', '--json'])).stdout)
  expect(listed.keys).toMatchObject([{ name: 'shop', state: 'revoked' }])
  expect(JSON.stringify(listed)).not.toContain(hashKey(key))
})

it('a user is added with a password that is printed once', async () => {
  const added = await couplet(['users', 'add', 'ann', '--role', 'resolve'])
  expect(await isPassword(added.stdout.trim(), (await access().findAccount('ann'))?.password ?? null)).toBe(
    true,
  )
})

it('stored secrets are sealed with the newer key, and only those with an older one', async () => {
  const keys = parseSecretKeys(`${newer},${older}`) ?? new Map()
  const settings = {
    url: 'env:URL',
    clientSecret: sealSecret('one', 'crm', parseSecretKeys(older) ?? new Map()),
    webhookKey: sealSecret('two', 'crm', keys),
  }
  await opened.store.mappings.saveConnection({ name: 'crm', kind: 'dataverse', settings })
  const env = { COUPLET_SECRET_KEY: `${newer},${older}` }
  expect(JSON.parse((await couplet(['secrets', 'rotate', '--json'], env)).stdout)).toEqual({
    rotated: [{ connection: 'crm', settings: ['clientSecret'] }],
  })
  const [stored] = await opened.store.mappings.listConnections()
  expect(stored?.settings).toMatchObject({ url: 'env:URL', webhookKey: settings.webhookKey })
  const onlyNewer = parseSecretKeys(newer) ?? new Map()
  expect(openSecret(stored?.settings['clientSecret'] ?? '', 'crm', onlyNewer)).toBe('one')
  const { id = 0, ...rest } = stored ?? { name: '', kind: '', settings: {} }
  const stale = { id, ...rest, settings }
  expect(await access().replaceSecrets(stale, settings, { actor: 'x', names: [] })).toBe(false)
})

it('the audit log tells of all of it, and shows that nobody changed it', async () => {
  const listed = JSON.parse((await couplet(['audit', '--json'])).stdout)
  expect(listed.entries.map(({ action }: { action: string }) => action)).toEqual([
    'secrets.rotate',
    'user.add',
    'key.revoke',
    'key.add',
  ])
  expect(listed.entries.at(-1)).toMatchObject({ reason: 'orders', actor: expect.stringMatching(/^cli/) })
  const { entries, hash } = JSON.parse((await couplet(['audit', 'verify', '--json'])).stdout)
  expect({ entries, hash }).toEqual({ entries: 4, hash: listed.entries[0].hash })
  const wrong = await couplet(['audit', 'verify', '--expect', 'f'.repeat(64)])
  expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining('written anew') })
})
