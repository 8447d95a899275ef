import { SyncError } from '../../../src/core/errors.ts'
import type { Acquisition, Fence, LeaseStore } from '../../../src/core/ports/lease-store.ts'
import { instantOf, microsOf } from './database.ts'
import type { Tables } from './tables.ts'

const LONG_AGO = ''

export function createLeaseStore(tables: Tables): LeaseStore {
  return {
    acquire: async (request) => tables.run(() => acquire(tables, request)),
    renew: async (fence, ttlMs) => tables.run(() => renew(tables, fence, ttlMs)),
    release: async (fence) => {
      tables.leases.updateWhere(isOf(fence), { expiresAt: LONG_AGO })
    },
    isHeld: async (resource) =>
      tables.leases.find((lease) => lease.resource === resource && lease.expiresAt > tables.now()) !==
      undefined,
  }
}

function acquire(
  tables: Tables,
  { resources, holder, ttlMs }: Parameters<LeaseStore['acquire']>[0],
): Acquisition {
  const now = tables.now()
  const [last] = tables.leases
    .where(({ resource, expiresAt }) => resources.includes(resource) && expiresAt > now)
    .sort((a, b) => (a.expiresAt < b.expiresAt ? 1 : -1))
  if (last) {
    const expiresInMs = Math.ceil((microsOf(last.expiresAt) - microsOf(now)) / 1_000)
    return { acquired: false, holder: last.holder, expiresInMs }
  }
  const abandoned = tables.leases.find(
    ({ resource, expiresAt }) => resource === resources[0] && expiresAt !== LONG_AGO,
  )
  const token = String(tables.nextNumber())
  tables.leases.removeWhere(({ resource }) => resources.includes(resource))
  const expiresAt = instantOf(microsOf(now) + ttlMs * 1_000)
  for (const resource of new Set(resources)) tables.leases.insert({ resource, token, holder, expiresAt })
  return { acquired: true, fence: { resources, token }, takenOverFrom: abandoned?.holder ?? null }
}

/** The intents opened under the lease live on with it. */
function renew(tables: Tables, fence: Fence, ttlMs: number): boolean {
  const held = findHeld(tables, fence)
  const [first] = held
  if (first === undefined || held.length !== fence.resources.length) return false
  const expiresAt = tables.in(ttlMs)
  const movedBy = microsOf(expiresAt) - microsOf(first.expiresAt)
  tables.leases.updateWhere(isOf(fence), { expiresAt })
  for (const { id, deadlineAt } of tables.intents.where(({ token }) => token === fence.token))
    tables.intents.update(id, { deadlineAt: instantOf(microsOf(deadlineAt) + movedBy) })
  return true
}

export function assertFence(tables: Tables, fence: Fence): void {
  const held = findHeld(tables, fence).length
  if (fence.resources.length > 0 && held === new Set(fence.resources).size) return
  throw new SyncError('LEASE_LOST', `The lease on ${fence.resources.join(', ')} is lost`, {
    data: { resources: fence.resources.join(', '), token: fence.token },
  })
}

/** End of the lease that the fence stands for. */
export function endOf(tables: Tables, fence: Fence): string {
  return findHeld(tables, fence).reduce(
    (latest, { expiresAt }) => (expiresAt > latest ? expiresAt : latest),
    '',
  )
}

function findHeld(tables: Tables, fence: Fence) {
  const now = tables.now()
  const isMine = isOf(fence)
  return tables.leases.where((lease) => isMine(lease) && lease.expiresAt > now)
}

function isOf(fence: Fence) {
  return (lease: { readonly resource: string; readonly token: string }): boolean =>
    lease.token === fence.token && fence.resources.includes(lease.resource)
}
