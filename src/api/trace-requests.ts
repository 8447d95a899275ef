import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import type { Server } from './server-type.ts'

/**
 * A span per request, below the one that the caller names in `traceparent` (W3C); what the request causes hangs below
 * it, also the jobs it puts into the queue. Without tracing all of this does nothing.
 */
export function traceRequests(server: Server): void {
  const tracer = trace.getTracer('couplet')
  const spans = new WeakMap<FastifyRequest, Span>()
  const within = (request: FastifyRequest, next: () => void) => {
    const span = spans.get(request)
    if (span) context.with(trace.setSpan(context.active(), span), next)
    else next()
  }
  server.addHook('onRequest', (request, _reply, done) => {
    const caller = propagation.extract(context.active(), request.headers)
    const attributes = { 'http.request.method': request.method, 'http.route': request.routeOptions.url ?? '' }
    const span = tracer.startSpan(
      `${request.method} ${request.routeOptions.url ?? 'unknown route'}`,
      { kind: SpanKind.SERVER, attributes },
      caller,
    )
    spans.set(request, span)
    within(request, done)
  })
  // Reading the body leaves the context of the first hook: the socket's events have one of their own.
  server.addHook('preValidation', (request, _reply, done) => within(request, done))
  server.addHook('onResponse', async (request, reply) => {
    const span = spans.get(request)
    span?.setAttribute('http.response.status_code', reply.statusCode)
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR })
    span?.end()
  })
}
