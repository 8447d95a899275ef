import fastify from 'fastify'
import { expect, it } from 'vitest'
import { createAnswerError } from '../../../src/api/answer-error.ts'
import { createLog } from '../../../src/app/logger.ts'
import { SyncError } from '../../../src/core/errors.ts'

/** What a client sees and what the log says when a route throws. */
async function answerTo(error: unknown) {
  const lines: string[] = []
  const log = createLog({ logLevel: 'info', logFormat: 'json' }, { write: (line) => void lines.push(line) })
  const server = fastify()
  server.setErrorHandler(createAnswerError(log, 100))
  server.get('/', async () => {
    throw error
  })
  const answer = await server.inject('/')
  await server.close()
  return { answer, body: answer.json(), log: lines.join('') }
}

it('an unexpected error is a 500 that tells nothing; the log has the cause under the same id', async () => {
  const { answer, body, log } = await answerTo(new TypeError('secret detail of table x'))
  expect(answer.statusCode).toBe(500)
  expect(answer.headers['content-type']).toContain('application/problem+json')
  expect(body).toMatchObject({
    code: 'INTERNAL',
    detail: 'An unexpected error',
    title: 'Internal Server Error',
  })
  expect(answer.body).not.toMatch(/secret|TypeError|at .*\.ts/)
  expect(log).toContain('secret detail of table x')
  expect(log).toContain(body.request)
})

it('an error of ours carries code, kind and remedy, and never a password', async () => {
  const { answer, body } = await answerTo(
    new SyncError('QUEUE_UNAVAILABLE', 'redis://me:hunter2@host:6379 does not answer', {
      retryAfterMs: 1_200,
    }),
  )
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('2')
  expect(body).toMatchObject({ kind: 'transient', detail: 'redis://host:6379 does not answer' })
  expect(body.remedy).toContain('QUEUE_URL')
})

it('a long message is shortened where no password is left in it', async () => {
  const address = 'https://ada:hunter2@host'
  const { body } = await answerTo(
    new SyncError('QUEUE_UNAVAILABLE', `${'x '.repeat(4_990)}${address} ${'y '.repeat(9_000)}`),
  )
  expect(body.detail).toHaveLength(10_001)
  expect(body.detail).toContain('https://host')
})

it('a body of another type is refused by naming the type that was sent and the one that is accepted', async () => {
  const server = fastify()
  server.setErrorHandler(createAnswerError(createLog({ logLevel: 'silent', logFormat: 'json' }), 100))
  server.post('/', async () => 'taken')
  const headers = { 'content-type': 'text/xml' }
  const answer = await server.inject({ method: 'POST', url: '/', headers, payload: '<x/>' })
  await server.close()
  expect(answer.statusCode).toBe(415)
  expect(answer.json().detail).toMatch(/text\/xml.*application\/json/)
})

it('what is not an Error at all is answered as well', async () => {
  expect((await answerTo('text')).answer.statusCode).toBe(500)
})
