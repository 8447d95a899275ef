import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Principal } from '../core/access/principal.ts'
import type { Role } from '../core/access/role.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, or null where nobody has to say. */
    signedIn: Principal | null
    /** Who asks. Only for routes that need a role. */
    readonly principal: Principal
  }

  interface FastifyContextConfig {
    /** What one needs to be let in; `anyone`: nothing. A route that does not say so keeps the server from starting. */
    role?: Role | 'anyone'
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
