import { eq } from 'drizzle-orm'
import type { Side } from '../../core/mapping/definition.ts'
import type { KnownSchema } from '../../core/mapping/schema-drift.ts'
import type { Fence } from '../../core/ports/lease-store.ts'
import { clock, type Executor } from '../database.ts'
import { assertFence } from '../leases/fence.ts'
import { knownSchema } from '../schema/known-schema.ts'

export async function findKnownSchemas(
  db: Executor,
  mappingId: number,
): Promise<Readonly<Record<Side, KnownSchema | null>>> {
  const rows = await db
    .select({ side: knownSchema.side, fields: knownSchema.fields })
    .from(knownSchema)
    .where(eq(knownSchema.mappingId, mappingId))
  const fieldsOf = (side: Side) => rows.find((row) => row.side === side)?.fields ?? null
  return { local: fieldsOf('local'), remote: fieldsOf('remote') }
}

export async function saveKnownSchemas(
  db: Executor,
  mappingId: number,
  schemas: Readonly<Record<Side, KnownSchema>>,
  fence: Fence | null,
): Promise<void> {
  await db.transaction(async (tx) => {
    if (fence !== null) await assertFence(tx, fence)
    for (const side of ['local', 'remote'] as const) {
      const fields = schemas[side]
      await tx
        .insert(knownSchema)
        .values({ mappingId, side, fields })
        .onConflictDoUpdate({
          target: [knownSchema.mappingId, knownSchema.side],
          set: { fields, seenAt: clock },
        })
    }
  })
}
