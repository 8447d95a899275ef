import type { FastifyRequest } from 'fastify'
import { judgeKey } from '../../core/access/api-key.ts'
import type { Principal } from '../../core/access/principal.ts'
import { SyncError } from '../../core/errors.ts'
import type { AccessStore } from '../../core/ports/access-store.ts'
import type { Clock } from '../../core/ports/runtime.ts'
import { hashKey } from '../api-key.ts'

/** Finds out who asks by the key. It is looked up by its hash, so time tells nothing about it; throws API_KEY_INVALID. */
export function signInByKey(
  access: Pick<AccessStore, 'findApiKey' | 'touchApiKey'>,
  clock: Pick<Clock, 'now'>,
) {
  return async (request: FastifyRequest): Promise<Principal> => {
    const key = readKey(request.headers.authorization ?? '')
    if (key === null) throw refused('The request carries no API key')
    const known = await access.findApiKey(hashKey(key))
    if (known === null) throw refused('The API key is not known')
    const { name, role, pairs, mappings, lastUsedAt } = known
    const state = judgeKey(known, clock.now())
    if (state !== 'valid') throw refused(`The API key '${name}' is ${state}`)
    if (isOld(lastUsedAt, clock.now())) await access.touchApiKey(name)
    return { name, kind: 'key', role, scope: { pairs, mappings } }
  }
}

const minuteMs = 60_000

function isOld(lastUsedAt: string | null, now: Date): boolean {
  return lastUsedAt === null || now.getTime() - new Date(lastUsedAt).getTime() > minuteMs
}

function refused(message: string): SyncError {
  return new SyncError('API_KEY_INVALID', message)
}

/** Bearer is for programs; Basic, with the key as password and any user name, for browsers. */
function readKey(authorization: string): string | null {
  const [, scheme = '', credentials = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return credentials
  if (scheme === '') return null
  const decoded = Buffer.from(credentials, 'base64').toString('utf8')
  return decoded.slice(decoded.indexOf(':') + 1) || null
}
