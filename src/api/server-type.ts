import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the API key the request came with; empty where none is needed. */
    keyName: string
  }
}

/** A Fastify server, or a scope of it, whose routes are typed by their zod schemas. */
export type Server = FastifyInstance<
  RawServerDefault,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>
