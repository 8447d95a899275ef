import type { Config } from '../config.ts'

/** Where the spans of this process go. */
export interface Tracing {
  /** Sends what is left; gives up silently after the exporter's own time-out. */
  stop(): Promise<void>
}

/**
 * Starts OpenTelemetry for this process when OTEL_EXPORTER_OTLP_ENDPOINT is set; its packages are loaded only then.
 * Without it every span of this program is one that does nothing.
 */
export async function startTracing({
  otlpEndpoint,
  serviceName,
}: Pick<Config, 'otlpEndpoint' | 'serviceName'>): Promise<Tracing | null> {
  if (otlpEndpoint === null) return null
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${otlpEndpoint.replace(/\/$/, '')}/v1/traces` })),
    ],
  })
  provider.register()
  return { stop: () => provider.shutdown().catch(() => {}) }
}
