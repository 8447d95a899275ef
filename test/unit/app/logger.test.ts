import { describe, expect, it } from 'vitest'
import { createLog } from '../../../src/app/logger.ts'
import { SyncError } from '../../../src/core/errors.ts'
import type { Log } from '../../../src/core/ports/runtime.ts'

function capture(logLevel: 'debug' | 'info' = 'info') {
  const lines: string[] = []
  const log = createLog({ logLevel, logFormat: 'json' }, { write: (line) => lines.push(line) })
  const written = (write: (log: Log) => void): Record<string, unknown> => {
    write(log)
    return JSON.parse(lines.pop() ?? '{}')
  }
  return { log, lines, written }
}

describe('the log', () => {
  it('writes one JSON object per line with level, time, ids and message', () => {
    const { log, lines } = capture()
    log.child({ run: 7, mapping: 'CUSTOMER' }).info({ job: 9, pages: 2 }, 'Job finished')
    expect(lines).toHaveLength(1)
    const line = JSON.parse(lines[0] ?? '')
    expect(line).toMatchObject({
      level: 'info',
      run: 7,
      mapping: 'CUSTOMER',
      job: 9,
      pages: 2,
      msg: 'Job finished',
    })
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
  })

  it('leaves out what is below its level', () => {
    const { log, lines } = capture()
    log.debug({}, 'Detail')
    expect(lines).toEqual([])
  })

  it.each([
    ['a message', (log: Log) => log.warn({}, 'Cannot reach postgres://me:hunter2@db:5432/x')],
    ['a fact', (log: Log) => log.warn({ url: 'redis://:hunter2@queue' }, 'x')],
    ['a password with an @', (log: Log) => log.warn({ url: 'redis://me:hun@hunter2@queue' }, 'x')],
    ['a URL object', (log: Log) => log.warn({ url: new URL('https://me:hunter2@crm') }, 'x')],
    ['a nested fact', (log: Log) => log.warn({ a: [{ b: { password: 'hunter2' } }] }, 'x')],
    ['a header', (log: Log) => log.warn({ headers: { Authorization: 'Bearer hunter2' } }, 'x')],
    ['a bearer token in a text', (log: Log) => log.warn({}, 'sent Bearer hunter2hunter2')],
    [
      'a query parameter',
      (log: Log) => log.warn({ url: 'postgres://db/x?user=me&password=hunter2&ssl=1' }, 'x'),
    ],
    ['a connection string', (log: Log) => log.warn({}, 'host=db password=hunter2')],
    ['an access token', (log: Log) => log.warn({ accessToken: 'hunter2', apiKey: 'hunter2' }, 'x')],
    ['a child logger', (log: Log) => log.child({ clientSecret: 'hunter2' }).warn({}, 'x')],
    ['an error', (log: Log) => log.warn({ error: new Error('no postgres://me:hunter2@db') }, 'x')],
    [
      'the cause of an error',
      (log: Log) =>
        log.warn(
          { error: new SyncError('INTERNAL', 'x', { cause: new Error('postgres://me:hunter2@db') }) },
          'x',
        ),
    ],
  ])('shows no secret that comes in %s', (_where, write) => {
    const { log, lines } = capture()
    write(log)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('hunter2')
  })

  it('still shows the host, record keys and fencing tokens', () => {
    const { written } = capture()
    const line = written((log) =>
      log.info(
        { url: 'postgres://me:x@db:5432/couplet', key: 'text:10000', token: 12n, lease: { token: '12' } },
        'x',
      ),
    )
    expect(line).toMatchObject({
      url: 'postgres://db:5432/couplet',
      key: 'text:10000',
      token: '12',
      lease: { token: '12' },
    })
  })

  it('writes a thrown SyncError with code, kind and data but without stack, and a bug with its stack', () => {
    const { written } = capture()
    const expected = new SyncError('QUEUE_UNAVAILABLE', 'No answer', { data: { host: 'queue' } })
    const line = written((log) => log.error({ error: expected }, 'x'))
    expect(line['error']).toEqual({
      type: 'SyncError',
      message: 'No answer',
      code: 'QUEUE_UNAVAILABLE',
      kind: 'transient',
      data: { host: 'queue' },
    })
    const bug = written((log) => log.error({ error: new TypeError('x is undefined') }, 'x'))
    expect(bug['error']).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('logger.test') })
  })

  it('survives facts that refer to themselves', () => {
    const { written } = capture()
    const circle: Record<string, unknown> = { name: 'circle' }
    circle['self'] = circle
    expect(written((log) => log.info({ circle }, 'x'))['msg']).toBe('x')
  })
})
