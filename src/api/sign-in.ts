import type { FastifyRequest } from 'fastify'
import type { Principal } from '../core/access/principal.ts'
import { SyncError } from '../core/errors.ts'
import type { OperationsStore } from '../core/ports/operations-store.ts'
import { hashKey } from './api-key.ts'

/** Finds out who asks by the key. It is looked up by its hash, so time tells nothing about it; throws API_KEY_INVALID. */
export function signInByKey(operations: Pick<OperationsStore, 'findApiKey'>) {
  return async (request: FastifyRequest): Promise<Principal> => {
    const key = readKey(request.headers.authorization ?? '')
    const known = key === null ? null : await operations.findApiKey(hashKey(key))
    if (known !== null) return { name: known.name, kind: 'key', role: 'administer' }
    const message = key === null ? 'The request carries no API key' : 'The API key is not known'
    throw new SyncError('API_KEY_INVALID', message)
  }
}

/** Bearer is for programs; Basic, with the key as password and any user name, for browsers. */
function readKey(authorization: string): string | null {
  const [, scheme = '', credentials = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return credentials
  if (scheme === '') return null
  const decoded = Buffer.from(credentials, 'base64').toString('utf8')
  return decoded.slice(decoded.indexOf(':') + 1) || null
}
