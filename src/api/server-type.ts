import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Principal } from '../core/access/principal.ts'
import type { Role } from '../core/access/role.ts'

/** One route and what it needs; `undefined`: it does not say. */
export interface GuardedRoute {
  readonly method: string
  readonly url: string
  readonly role: Role | 'anyone' | undefined
  readonly isScoped: boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /** All routes there are, once the server is ready. */
    /** Aborted when the server begins to close: answers without an end have to end. */
    readonly closing: AbortSignal
    readonly guardedRoutes: () => readonly GuardedRoute[]
  }

  interface FastifyRequest {
    /** Who asks, or null where nobody has to say. */
    signedIn: Principal | null
    /** Who asks. Only for routes that need a role. */
    readonly principal: Principal
  }

  interface FastifyContextConfig {
    /** What one needs to be let in; `anyone`: nothing. A route that does not say so keeps the server from starting. */
    role?: Role | 'anyone'
    /** The route asks `assertInScope`. Others are closed for keys that are for some pairs or mappings only. */
    isScoped?: true
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
