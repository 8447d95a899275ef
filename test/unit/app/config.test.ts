import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig, resolveSecretReference } from '../../../src/app/config.ts'
import { keepDaysOf } from '../../../src/app/retention-settings.ts'
import type { Setting } from '../../../src/app/setting.ts'
import { settings } from '../../../src/app/settings.ts'
import { SyncError } from '../../../src/core/errors.ts'

function failureOf(action: () => unknown): SyncError {
  try {
    action()
  } catch (error) {
    if (error instanceof SyncError) return error
    throw error
  }
  throw new Error('It did not fail')
}

describe('the configuration', () => {
  it('keeps events of webhooks for longer than they are tried again', () => {
    const kept = (env: Record<string, string>) => keepDaysOf(loadConfig(env))['webhook events']
    expect(kept({})).toBe(30)
    expect(kept({ COUPLET_RETENTION_WEBHOOK_DAYS: '1', COUPLET_WEBHOOK_RETRY_DAYS: '7' })).toBe(8)
  })

  it('is complete without any variable', () => {
    expect(loadConfig({})).toEqual({
      databaseUrl: null,
      statusHost: '127.0.0.1',
      statusPort: null,
      alertSeconds: 60,
      smtpUrl: null,
      mailFrom: null,
      otlpEndpoint: null,
      serviceName: 'couplet',
      queueUrl: null,
      queuePrefix: 'couplet',
      queueAuthorities: null,
      dataDir: join(process.cwd(), '.couplet'),
      functionsDir: null,
      postgresBin: null,
      migrate: 'auto',
      poolSize: 10,
      host: '127.0.0.1',
      port: 7070,
      logLevel: 'info',
      logFormat: 'json',
      pageSize: 1000,
      concurrency: 4,
      leaseSeconds: 30,
      stalledSeconds: 30,
      sweepSeconds: 15,
      shutdownSeconds: 30,
      skipAfter: 2,
      giveUpAfter: 10,
      httpReferences: [],
      functionLimitMs: 2_000,
      functionMemoryMb: 128,
      memoryLimitMb: null,
      delayLimitMs: null,
      watermarkOverlapSeconds: 300,
      questionHours: 24,
      retentionDays: 90,
      retentionRunDays: 90,
      retentionPreviewDays: 30,
      retentionAlertDays: 365,
      retentionWebhookDays: 30,
      retentionKeyDays: 365,
      retentionAuditDays: null,
      webhookSeconds: 15,
      webhookRetryDays: 3,
      callbackSecrets: [],
      secretKeys: new Map(),
      privateNetworks: [],
      publicUrl: null,
      trustedProxies: null,
      sessionIdleMinutes: 60,
      sessionHours: 10,
      oidcIssuer: null,
      oidcClientId: null,
      oidcClientSecret: null,
      oidcRoleClaim: 'roles',
      oidcRoles: new Map(),
      actionsPerMinute: 12_000,
      connectorsDir: null,
      failpoint: null,
      searchPath: '',
    })
  })

  it('takes values from the variables; an empty one counts as not set', () => {
    const config = loadConfig({
      DATABASE_URL: ' postgresql://me:secret@db/couplet ',
      QUEUE_URL: 'rediss://queue:6380',
      COUPLET_PORT: '0',
      COUPLET_PAGE_SIZE: '',
      COUPLET_MIGRATE: 'off',
      PATH: '/bin',
    })
    expect(config).toMatchObject({
      databaseUrl: 'postgresql://me:secret@db/couplet',
      queueUrl: 'rediss://queue:6380',
      port: 0,
      pageSize: 1000,
      migrate: 'off',
      searchPath: '/bin',
    })
  })

  it('names every wrong setting at once, with value, reason and remedy', () => {
    const error = failureOf(() =>
      loadConfig({ COUPLET_PORT: '99999', COUPLET_MIGRATE: 'maybe', COUPLET_PAGE_SIZE: '1e3' }),
    )
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message.split('\n')).toEqual([
      '3 settings are wrong:',
      "  COUPLET_MIGRATE = 'maybe': expected one of: auto, off. Correct it, or remove it to use auto.",
      "  COUPLET_PORT = '99999': expected a whole number from 0 to 65535. Correct it, or remove it to use 7070.",
      "  COUPLET_PAGE_SIZE = '1e3': expected a whole number from 1 to 5000. Correct it, or remove it to use 1000.",
    ])
  })

  it.each(['mysql://me:hidden@db/couplet', 'me:hidden@db', 'postgres://me:hidden@'])(
    'never shows a wrong DATABASE_URL: %s',
    (value) => {
      const error = failureOf(() => loadConfig({ DATABASE_URL: value, QUEUE_URL: `x${value}` }))
      expect(error.message).toMatch(
        /DATABASE_URL = \(value not shown\): expected an address that begins with postgres/,
      )
      expect(error.message).toMatch(/QUEUE_URL = \(value not shown\)/)
      expect(JSON.stringify([error.message, error.data])).not.toContain('hidden')
    },
  )

  it.each([
    'redis://:p%25@queue',
    'redis+sentinel://one:26379,two:26379/main',
    'rediss+cluster://me:secret@one:6379,two:6379',
    'postgres:///queue?host=/run/postgresql',
  ])('takes every form of a queue address: %s', (value) => {
    expect(loadConfig({ QUEUE_URL: value }).queueUrl).toBe(value)
  })

  it.each([
    ['redis+sentinel://one:26379', /names no master/],
    ['redis://:hidden%@queue', /%25/],
    ['redis://:hidden@queue:66666', /port/],
    ['postgres://me:hidden@/queue', /no address of a Postgres database/],
    ['amqp://me:hidden@queue', /redis\[s\]\+sentinel:/],
  ])('says what is wrong with a queue address, and does not show it: %s', (value, reason) => {
    const error = failureOf(() => loadConfig({ QUEUE_URL: value }))
    expect(error.message).toMatch(reason)
    expect(error.message).not.toContain('hidden')
  })

  it('takes a database behind a socket', () => {
    const databaseUrl = 'postgres:///couplet?host=/run/postgresql'
    expect(loadConfig({ DATABASE_URL: databaseUrl }).databaseUrl).toBe(databaseUrl)
  })

  it('refuses fewer connections than the lines at work need', () => {
    const error = failureOf(() => loadConfig({ COUPLET_POOL_SIZE: '5', COUPLET_CONCURRENCY: '4' }))
    expect(error.message).toMatch(/COUPLET_POOL_SIZE = '5'.*COUPLET_CONCURRENCY = '4' needs at least 6/)
    expect(loadConfig({ COUPLET_POOL_SIZE: '6', COUPLET_CONCURRENCY: '4' }).poolSize).toBe(6)
  })

  it.each([
    ['10.0.0.7', '10.0.0.7'],
    [' 10.0.0.7 , 10.1.0.0/16,fd00::/8, ::1,', '10.0.0.7,10.1.0.0/16,fd00::/8,::1'],
    ['::ffff:10.0.0.7', '::ffff:10.0.0.7'],
    ['0.0.0.0/1,::/128', '0.0.0.0/1,::/128'],
    [' , ', null],
  ])('takes proxies by address and network, as the server does: %s', async (value, taken) => {
    const { trustedProxies } = loadConfig({ COUPLET_TRUSTED_PROXIES: value })
    expect(trustedProxies).toBe(taken)
    await fastify({ trustProxy: trustedProxies ?? false }).close()
  })

  it.each([
    'proxy.internal',
    'loopback',
    'true',
    '1',
    '1/8',
    '10.1',
    '010.0.0.1',
    '10.0.0.0/99',
    '10.0.0.0/0',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '::/129',
    'fe80::1%eth-0',
  ])('refuses a proxy that is no address and no network: %s', (value) => {
    const error = failureOf(() => loadConfig({ COUPLET_TRUSTED_PROXIES: `10.0.0.7, ${value}` }))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(
      `COUPLET_TRUSTED_PROXIES = '10.0.0.7, ${value}': expected addresses or networks`,
    )
    expect(error.message).toContain(`'${value}' is neither. Write it like 10.0.0.7,10.1.0.0/16,fd00::/8.`)
  })

  it('explains each setting, and no two share a variable', () => {
    const all = Object.values<Setting<unknown>>(settings)
    expect(all.filter((setting) => setting.doc.length < 20)).toEqual([])
    expect(new Set(all.map((setting) => setting.variable)).size).toBe(all.length)
  })
})

describe('a secret reference', () => {
  const folder = mkdtempSync(join(tmpdir(), 'couplet-secrets-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is the value of a variable, or the content of a file without its last line break', () => {
    const path = join(folder, 'crm')
    writeFileSync(path, 'postgres://crm\n')
    expect(resolveSecretReference('env:CRM_URL', { CRM_URL: 'postgres://x' })).toBe('postgres://x')
    expect(resolveSecretReference(`file:${path}`, {})).toBe('postgres://crm')
  })

  it('names the variable or file that is missing or empty', () => {
    const empty = join(folder, 'empty')
    writeFileSync(empty, '\n')
    const missing = failureOf(() => resolveSecretReference('env:CRM_URL', { CRM_URL: '' }))
    expect(missing).toMatchObject({ code: 'CONFIG_INVALID', data: { variable: 'CRM_URL' } })
    expect(failureOf(() => resolveSecretReference(`file:${folder}/none`, {})).message).toMatch(/none.*ENOENT/)
    expect(failureOf(() => resolveSecretReference(`file:${empty}`, {})).message).toMatch(/empty is empty/)
  })

  it('is never a plain value, and a plain value is not repeated in the error', () => {
    const error = failureOf(() => resolveSecretReference('postgres://me:hidden@db', {}))
    expect(error.message).toMatch(/env:NAME or file:\/path/)
    expect(error.message).not.toContain('hidden')
  })
})
