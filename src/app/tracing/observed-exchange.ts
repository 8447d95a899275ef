import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Exchange } from '../../connectors/http/exchange.ts'
import { toSyncError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/runtime.ts'
import type { ProcessMetrics } from '../metrics/process-metrics.ts'

/**
 * The same exchange, with a span and a measurement per request. Addresses hold keys and values of records, so only
 * method, host and status are told. No trace id is sent to the business system.
 */
export function observeExchange(
  exchange: Exchange,
  connection: string,
  { metrics, clock }: { readonly metrics: Pick<ProcessMetrics, 'observeRequest'>; readonly clock: Clock },
): Exchange {
  const tracer = trace.getTracer('couplet')
  return {
    close: () => exchange.close(),
    async exchange(request) {
      const { method, url } = request
      const startMs = clock.monotonicMs()
      const observe = (status: number | null) =>
        metrics.observeRequest({
          connection,
          method,
          status,
          seconds: (clock.monotonicMs() - startMs) / 1_000,
        })
      const span = tracer.startSpan(`${method} ${connection}`, {
        kind: SpanKind.CLIENT,
        attributes: {
          'couplet.connection': connection,
          'http.request.method': method,
          'server.address': url.hostname,
        },
      })
      try {
        const answer = await exchange.exchange(request)
        span.setAttribute('http.response.status_code', answer.status)
        if (answer.status >= 400) span.setStatus({ code: SpanStatusCode.ERROR })
        observe(answer.status)
        return answer
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: toSyncError(error).code })
        observe(null)
        throw error
      } finally {
        span.end()
      }
    },
  }
}
