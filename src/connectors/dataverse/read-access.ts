import { createHash } from 'node:crypto'
import { z } from 'zod'
import { answerInvalid } from '../http/failures.ts'
import type { RequestContext } from '../odata/client.ts'
import { failureError } from '../odata/failure.ts'
import { contextOf, type TableAccess } from './table-access.ts'

const Self = z.object({ UserId: z.string(), BusinessUnitId: z.string() })
const Privileges = z.object({
  RolePrivileges: z.array(z.object({ PrivilegeId: z.string(), Depth: z.union([z.string(), z.number()]) })),
})

/** Depth of a privilege that covers the whole organization. */
const wholeOrganization: ReadonlySet<string | number> = new Set(['Global', 3, '3'])

/**
 * How far the user may read the table: the depth of its privilege, by whatever roles and teams. Where that is not the whole
 * organization, it also counts who asks and from which business unit. Users of one connection who may not do the same give
 * different answers, so that absence proves nothing (P9).
 */
export async function readAccess(access: TableAccess, signal: AbortSignal): Promise<string> {
  const context = contextOf(access, signal)
  const self = await ask(access, 'WhoAmI', Self, context)
  const path = `systemusers(${self.UserId})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()`
  const { RolePrivileges } = await ask(access, path, Privileges, context)
  const { readPrivilege } = access.shape
  const own = RolePrivileges.filter(
    ({ PrivilegeId }) => readPrivilege === null || PrivilegeId.toLowerCase() === readPrivilege,
  )
  const depths = own.map(({ PrivilegeId, Depth }) => `${PrivilegeId} ${Depth}`).sort()
  const isWhole = readPrivilege !== null && own.some(({ Depth }) => wholeOrganization.has(Depth))
  const known = isWhole ? ['organization'] : [...depths, self.UserId, self.BusinessUnitId]
  return createHash('sha256').update(known.join('\n')).digest('base64url')
}

async function ask<T>(
  { client }: TableAccess,
  path: string,
  schema: z.ZodType<T>,
  context: RequestContext,
): Promise<T> {
  const answer = await client.send({ ...context, method: 'GET', path })
  if (!answer.ok) throw failureError(answer.failure, 'read what the user may do', client.facts)
  const parsed = schema.safeParse(answer.body)
  if (!parsed.success) throw answerInvalid(client.facts, 'does not say what the user may do')
  return parsed.data
}
