import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEnqueuer } from '../../src/app/enqueue.ts'
import { createLog } from '../../src/app/logger.ts'
import { openQueueBackend } from '../../src/queue/connection.ts'
import { openStore } from '../../src/store/open-store.ts'
import { makeCertificate, type TestCertificate } from '../support/http/certificate.ts'
import { createDatabase, createStoreDatabase, type TestDatabase } from '../support/postgres.ts'
import { redisUrl } from '../support/redis.ts'
import { startTlsProxy, type TlsProxy } from '../support/tls-proxy.ts'

const hourMs = 3_600_000
const validity = { notBefore: new Date(Date.now() - hourMs), notAfter: new Date(Date.now() + hourMs) }
let folder: string
let certificate: TestCertificate
let stranger: TestCertificate
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-tls-'))
  certificate = await makeCertificate(validity, '127.0.0.1')
  stranger = await makeCertificate(validity, '10.0.0.1')
  await writeFile(join(folder, 'ca.pem'), certificate.cert)
  await writeFile(join(folder, 'stranger.pem'), stranger.cert)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('Postgres', () => {
  let database: TestDatabase
  const proxies: TlsProxy[] = []
  beforeAll(async () => {
    database = await createDatabase()
  })
  afterAll(async () => {
    for (const proxy of proxies) await proxy.close()
    await database.drop()
  })

  async function check(served: TestCertificate, authorities: string): Promise<void> {
    const proxy = await startTlsProxy(database.url, 'postgres', served)
    proxies.push(proxy)
    const url = new URL(database.url)
    url.port = String(proxy.port)
    url.searchParams.set('sslmode', 'verify-full')
    url.searchParams.set('sslrootcert', join(folder, authorities))
    const store = openStore({ url: url.href, poolSize: 1, applicationName: 'test' })
    await store.check().finally(() => store.close())
  }

  it('is trusted with sslmode=verify-full when its authority is named', async () => {
    await expect(check(certificate, 'ca.pem')).resolves.toBeUndefined()
  })

  it.each([
    ['another authority has signed it', () => check(certificate, 'stranger.pem')],
    ['it is the certificate of another host', () => check(stranger, 'stranger.pem')],
  ])('is not when %s', async (_why, attempt) => {
    await expect(attempt()).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringContaining('DATABASE_URL'),
    })
  })
})

describe.skipIf(redisUrl() === null)('Redis', () => {
  let proxy: TlsProxy
  beforeAll(async () => {
    proxy = await startTlsProxy(redisUrl() ?? '', 'redis', certificate)
  })
  afterAll(() => proxy.close())

  const log = createLog({ logLevel: 'silent', logFormat: 'json' })
  const open = (certificateAuthorities: string | null) =>
    openQueueBackend({ url: `rediss://127.0.0.1:${proxy.port}`, log, prefix: 'tls', certificateAuthorities })

  it('is trusted by another service that enqueues and names its authority', async () => {
    const { url: databaseUrl, drop } = await createStoreDatabase()
    const queueUrl = `rediss://127.0.0.1:${proxy.port}`
    const enqueuer = await openEnqueuer({ databaseUrl, queueUrl, queueAuthorities: certificate.cert })
    await enqueuer.close()
    await expect(openEnqueuer({ databaseUrl, queueUrl })).rejects.toMatchObject({ code: 'TLS_FAILED' })
    await drop()
  })

  it('is trusted over rediss:// when its authority is named, and not otherwise', async () => {
    const backend = await open(certificate.cert)
    await backend.close()
    await expect(open(null)).rejects.toMatchObject({ code: 'TLS_FAILED' })
    await expect(open(stranger.cert)).rejects.toMatchObject({ code: 'TLS_FAILED' })
  })
})
