import type { Context } from '../../app/context.ts'
import { checkReadiness, checkStore } from '../../app/health.ts'
import { createMetricsPage } from '../../app/metrics/metrics.ts'
import type { Server } from '../server-type.ts'

/** GET /healthz: this process lives and answers; whatever else is down. Needs no key. */
export function getHealth(server: Server): void {
  server.get('/healthz', { config: { role: 'anyone' } }, async () => ({ status: 'ok' }))
}

/**
 * GET /readyz: whether this process can do its work, and if not, what is wrong; GET /readyz/store: the same of the store alone, which
 * is all the API needs. Need no key and tell no secret.
 */
export function getReadiness(server: Server, context: Pick<Context, 'deps'>): void {
  const checks = { '/readyz': checkReadiness, '/readyz/store': checkStore }
  for (const [path, check] of Object.entries(checks))
    server.get(path, { config: { role: 'anyone' } }, async (_request, reply) => {
      const readiness = await check(context.deps)
      return reply.code(readiness.status === 'ok' ? 200 : 503).send(readiness)
    })
}

/** GET /metrics: for Prometheus, with a key. */
export function getMetrics(server: Server, context: Parameters<typeof createMetricsPage>[0]): void {
  const page = createMetricsPage(context, { installation: true })
  server.get('/metrics', { config: { role: 'view' } }, async (_request, reply) =>
    reply.type(page.contentType).send(await page.text()),
  )
}
