import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import { rawQueues } from '../../app/board.ts'
import type { Context } from '../../app/context.ts'
import { withoutCredentials } from '../../lib/credentials.ts'
import { boardPolicy } from '../safety-headers.ts'
import type { Server } from '../server-type.ts'

const PREFIX = '/queues'

/** /queues: bull-board over the raw queues. What is done there by hand the sweeper puts right where it must (P1). */
export function serveQueueBoard(server: Server, context: Pick<Context, 'backend'>): void {
  const adapter = new FastifyAdapter().setBasePath(PREFIX)
  createBullBoard({
    queues: rawQueues(context).map((queue) => new BullMQAdapter(queue)),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Couplet: queues' } },
  })
  adapter.setErrorHandler((error) => ({
    status: 'statusCode' in error && Number(error.statusCode) < 500 ? 400 : 500,
    body: { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message: withoutCredentials(error.message) },
  }))
  server.register(async (scope: Server) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: isReading(route.method) ? 'operate' : 'administer' }
    })
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('content-security-policy', boardPolicy)
    })
    scope.register(adapter.registerPlugin(), { prefix: PREFIX })
  })
}

function isReading(method: string | readonly string[]): boolean {
  return [method].flat().every((each) => each === 'GET' || each === 'HEAD')
}
