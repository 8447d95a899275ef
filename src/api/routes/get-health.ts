import type { Deps } from '../../usecases/deps.ts'
import { checkHealth } from '../health.ts'
import type { Server } from '../server-type.ts'

/** GET /healthz, for load balancers and people; needs no key and tells no secret. */
export function getHealth(server: Server, deps: Deps): void {
  server.get('/healthz', { config: { role: 'anyone' } }, async (_request, reply) => {
    const health = await checkHealth(deps)
    return reply.code(health.status === 'ok' ? 200 : 503).send(health)
  })
}
