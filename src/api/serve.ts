import type { FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import type { Principal } from '../core/access/principal.ts'
import type { Answered, Asked, Endpoint } from './contract/endpoint.ts'
import { Problem } from './contract/problem.ts'
import type { Server } from './server-type.ts'

type Question<E extends Endpoint> = Asked<E> & { readonly principal: Principal }

/**
 * Serves one endpoint of the contract: what it asks for is parsed before, what it answers is checked after, so that no
 * answer differs from the document. Fields that the contract does not name are left out.
 */
export function serve<E extends Endpoint>(
  server: Server,
  endpoint: E,
  answer: (asked: Question<E>, reply: FastifyReply) => Promise<Answered<E>>,
): void {
  const route: RouteOptions = {
    method: endpoint.method,
    url: endpoint.path,
    config: { role: endpoint.role, ...(endpoint.isScoped && { isScoped: endpoint.isScoped }) },
    schema: schemaOf(endpoint),
    handler: async (request, reply) => {
      reply.code(endpoint.status)
      return answer(questionOf(request), reply)
    },
  }
  server.route(route)
}

/** The schemas have parsed all of it; Fastify does not connect them with the type of the endpoint. */
function questionOf<E extends Endpoint>({ params, query, headers, body, principal }: FastifyRequest) {
  return { params, query, headers, body, principal } as unknown as Question<E>
}

function schemaOf({ name, tag, summary, params, query, headers, body, ...rest }: Endpoint): FastifySchema {
  const { status, repeated, answer } = rest
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...(params && { params }),
    ...(query && { querystring: query }),
    ...(headers && { headers }),
    ...(body && { body }),
    response: {
      [status]: described('Done', 'application/json', answer),
      ...(repeated && { [repeated]: described('Done by an earlier request', 'application/json', answer) }),
      default: described('What went wrong', 'application/problem+json', Problem),
    },
  } as FastifySchema
}

function described(description: string, type: string, schema: Endpoint['answer']) {
  return { description, content: { [type]: { schema } } }
}
