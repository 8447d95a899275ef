import { createServer as createSocketServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mayHaveRun } from '../../src/connectors/http/failures.ts'
import { SyncError } from '../../src/core/errors.ts'
import { measured } from '../../src/lib/request-meter.ts'
import { sendJson, startServer, type TestServer } from '../support/http/server.ts'
import { get, openBudget, openTransport, post, type TestTransport } from '../support/http/transport.ts'

let server: TestServer
let transport: TestTransport

beforeEach(async () => {
  server = await startServer((_request, response) => sendJson(response, { ok: true }))
  transport = openTransport()
})
afterEach(async () => {
  await transport.close()
  await server.close()
})

async function failure(work: Promise<unknown>): Promise<SyncError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SyncError)
  return error as SyncError
}

describe('sending', () => {
  it('keeps its connections for the next requests', async () => {
    for (let count = 0; count < 20; count += 1) await transport.send(get(server.url))
    // A second one is opened where the first is not yet known to be free.
    expect(Math.max(...server.requests.map(({ socket }) => socket))).toBeLessThanOrEqual(2)
  })

  it('reads compressed answers, and counts every request it sends', async () => {
    server.reply = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(gzipSync('{"name":"Größe 😀"}'))
    }
    const cost = { ms: 0, requests: 0 }
    const answer = await measured(cost, () => transport.send(get(server.url)))
    expect(answer.text).toBe('{"name":"Größe 😀"}')
    expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip')
    expect(cost.requests).toBe(1)
  })

  it('asks whether it may send right before it sends, after every wait', async () => {
    const asked: number[] = []
    let answers = 0
    server.reply = (_request, response) => {
      answers += 1
      sendJson(response, {}, answers < 3 ? 503 : 200)
    }
    await transport.send(get(server.url, { assertMaySend: () => asked.push(transport.waits.length) }))
    expect(asked).toEqual([0, 1, 2])

    const lost = () => {
      throw new SyncError('LEASE_LOST', 'lost')
    }
    const error = await failure(transport.send(post(server.url, { assertMaySend: lost })))
    expect(error.code).toBe('LEASE_LOST')
    expect(server.requests).toHaveLength(3)
    expect(transport.budget.running).toBe(0)
  })

  it('stops when it is told to, in the middle of an answer, and gives its permit back', async () => {
    const controller = new AbortController()
    server.reply = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"value":[')
      controller.abort()
    }
    const error = await failure(transport.send(get(server.url, { signal: controller.signal })))
    expect(error).toMatchObject({ code: 'CONNECTION_INTERRUPTED', data: { stopped: true } })
    expect(transport.budget.running).toBe(0)
    expect(server.requests).toHaveLength(1)
    const again = await failure(transport.send(get(server.url, { signal: controller.signal })))
    expect(again).toMatchObject({ code: 'CONNECTION_INTERRUPTED', data: { mayHaveRun: false } })
  })

  it('tells the budget what the answer says about limits', async () => {
    server.reply = (_request, response) =>
      sendJson(response, { error: { code: '0x80072321', message: '' } }, 429, {
        'retry-after': '300',
        'x-ms-dop-hint': '12',
      })
    const answer = await transport.send(get(server.url))
    expect(answer).toMatchObject({ status: 429, retryAfterMs: 300_000 })
    expect(transport.budget.answers).toEqual([
      expect.objectContaining({
        status: 429,
        retryAfterMs: 300_000,
        parallelismHint: 12,
        facet: 'execution-time',
        identity: 'sync',
      }),
    ])
  })
})

describe('repeating', () => {
  it('sends nothing for a throttled user before the time has come, and at once for another one', async () => {
    await transport.close()
    transport = openTransport({
      budget: openBudget('a', 'b', 'a'),
      users: new Map(['a', 'b'].map((name) => [name, { kind: 'none' }])),
    })
    const statuses = [429, 429, 200]
    server.reply = (_request, response) =>
      sendJson(response, {}, statuses.shift() ?? 200, { 'retry-after': '7' })
    await transport.send(post(server.url))
    expect(transport.budget.answers.map(({ identity, status }) => [identity, status])).toEqual([
      ['a', 429],
      ['b', 429],
      ['a', 200],
    ])
    expect(transport.waits).toEqual([expect.closeTo(7_000, -3)])
  })

  it('repeats a read whose connection is cut in the middle of the answer', async () => {
    let count = 0
    server.reply = (_request, response) => {
      count += 1
      if (count > 1) return sendJson(response, { ok: true })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"value":[')
      setImmediate(() => response.destroy())
    }
    const answer = await transport.send(get(server.url))
    expect(answer).toMatchObject({ text: '{"ok":true}', mayHaveRunBefore: true })
    expect(transport.waits).toEqual([375])
  })

  it('does not repeat a write that may have arrived, and says that it may', async () => {
    server.reply = (_request, response) => {
      response.destroy()
    }
    const error = await failure(transport.send(post(server.url)))
    expect(error).toMatchObject({ code: 'CONNECTION_INTERRUPTED', kind: 'transient' })
    expect(mayHaveRun(error)).toBe(true)
    expect(server.requests).toHaveLength(1)
  })

  it('repeats a write that has certainly not arrived', async () => {
    await server.close()
    const error = await failure(transport.send(post(server.url)))
    expect(error).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringContaining(server.url.host),
    })
    expect(mayHaveRun(error)).toBe(false)
    expect(transport.waits).toEqual([375, 750, 1_500])
  })

  it('says that a write may have arrived when only its repetition has not', async () => {
    server.reply = async (_request, response) => {
      response.destroy()
      await server.close()
    }
    const error = await failure(transport.send(post(server.url, { isRepeatable: true })))
    expect(error.code).toBe('CONNECTION_REFUSED')
    expect(mayHaveRun(error)).toBe(true)
  })

  it.each([408, 500, 504])('leaves status %i to the caller', async (status) => {
    server.reply = (_request, response) => sendJson(response, {}, status)
    expect(await transport.send(get(server.url))).toMatchObject({ status })
    expect(server.requests).toHaveLength(1)
  })
})

describe('servers that fail', () => {
  const limits = { connectTimeoutMs: 5_000, headersTimeoutMs: 300, bodyTimeoutMs: 300 }

  it('gives up where no answer begins', async () => {
    await transport.close()
    transport = openTransport({ limits })
    server.reply = () => {}
    expect(await failure(transport.send(get(server.url)))).toMatchObject({ code: 'ANSWER_TIMEOUT' })
    expect(server.requests).toHaveLength(1)
  })

  it('gives up where an answer stops in the middle', async () => {
    await transport.close()
    transport = openTransport({ limits })
    server.reply = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{')
    }
    expect(await failure(transport.send(get(server.url)))).toMatchObject({ code: 'ANSWER_STALLED' })
  })

  it('gives up where an answer drips for ever', async () => {
    await transport.close()
    transport = openTransport({ limits: { totalTimeoutMs: 300 } })
    server.reply = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    }
    const error = await failure(transport.send(get(server.url)))
    expect(error).toMatchObject({ code: 'ANSWER_STALLED', data: { limitMs: 300 } })
  })

  it('gives up where nobody takes the connection to its end', async () => {
    await transport.close()
    transport = openTransport({ limits: { connectTimeoutMs: 300 } })
    // TLS that never begins: the connection is there, its handshake is not.
    const silent = createSocketServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const error = await failure(transport.send(post(new URL(`https://127.0.0.1:${port}/`))))
    expect(error).toMatchObject({ code: 'CONNECT_TIMEOUT', data: { mayHaveRun: false } })
    silent.close()
  })

  it('names a host that is unknown', async () => {
    const error = await failure(transport.send(get(new URL('http://no-such-host.invalid/'))))
    expect(error).toMatchObject({
      code: 'HOST_UNKNOWN',
      message: expect.stringContaining('no-such-host.invalid'),
    })
  })

  it('reads no answer that is not HTTP', async () => {
    const odd = createSocketServer((socket) => socket.end('220 mail.example ESMTP\r\n'))
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
    const address = odd.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const error = await failure(transport.send(get(new URL(`http://127.0.0.1:${port}/`))))
    expect(error).toMatchObject({ code: 'ANSWER_INVALID' })
    odd.close()
  })
})
