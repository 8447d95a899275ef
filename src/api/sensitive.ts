import type { Principal } from '../core/access/principal.ts'
import {
  hideSensitive,
  type SensitiveFields,
  seesSensitive,
  sensitiveFields,
} from '../core/access/sensitive.ts'
import { SyncError } from '../core/errors.ts'
import type { Deps } from '../usecases/deps.ts'
import type { Server } from './server-type.ts'

type StoreDeps = Pick<Deps, 'stores'>

/** What is hidden from who asks: nothing from those who may do more than look. */
export async function sensitiveFor(principal: Principal, { stores }: StoreDeps): Promise<SensitiveFields> {
  if (seesSensitive(principal.role)) return new Map()
  return sensitiveFields(await stores.mappings.listSensitiveFields())
}

/** Hides it in every answer of these routes, so that no new one can forget it. */
export function hideFromViewers(server: Server, deps: StoreDeps): void {
  server.addHook('preSerialization', async (request, _reply, answer: unknown) =>
    request.signedIn === null ? answer : hideSensitive(answer, await sensitiveFor(request.signedIn, deps)),
  )
}

/** For an answer in free words, which may hold any value. Throws ROLE_MISSING for a mapping of which something is hidden. */
export async function assertSeesValues(
  mapping: string,
  principal: Principal,
  deps: StoreDeps,
): Promise<void> {
  if (!(await sensitiveFor(principal, deps)).has(mapping)) return
  const message = `Mapping ${mapping} has sensitive fields; '${principal.name}' with the role 'view' does not see their values`
  throw new SyncError('ROLE_MISSING', message)
}
