import swagger from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { API } from './contract/endpoint.ts'
import { describeEvents } from './contract/webhook-events.ts'
import type { Server } from './server-type.ts'

type Document = ReturnType<typeof jsonSchemaTransformObject>

/** Collects the routes that are registered after it; `GET /api/v1/openapi.json` gives the document. */
export function describeApi(server: Server): void {
  server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Couplet',
        version: '1',
        description: 'Keeps the records of two business systems coupled and equal.',
      },
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key' } },
      },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => {
      const webhooks = describeEvents()
      return { ...jsonSchemaTransformObject(document), webhooks } as Document
    },
  })
}

/** GET /openapi.json: what this server understands, for programs and for tools that make clients. */
export function serveDocument(server: Server): void {
  server.get(
    '/openapi.json',
    { config: { role: 'view', isScoped: true }, schema: { hide: true } },
    async () => server.swagger(),
  )
}

/** The address of a run, for the header `Location`. */
export const runLocation = (id: number): string => `${API}/runs/${id}`

export const operationLocation = (id: number): string => `${API}/operations/${id}`
