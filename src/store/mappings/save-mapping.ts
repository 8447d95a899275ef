import { and, eq } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { MappingDefinition } from '../../core/mapping/definition.ts'
import type { MappingImport, MappingWrite, StoredMapping } from '../../core/ports/mapping-store.ts'
import { assert } from '../../lib/assert.ts'
import { canonicalText } from '../../lib/canonical-text.ts'
import { clock, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { lockSchedule, saveSchedule } from '../schedules/save-schedule.ts'
import { fieldMapping } from '../schema/field-mapping.ts'
import { mappingVersion } from '../schema/mapping-version.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { toFieldRows, toHead } from './definition-rows.ts'
import { readDefinitions } from './definitions.ts'
import { groupsOf, moveCouplings } from './groups.ts'
import { prepareGetPair } from './pairs.ts'
import { prepareGetMapping } from './read-mappings.ts'

/** Without memory: what is read here may be rolled back. */
function getMapping(tx: Executor, pairId: number, name: string): Promise<StoredMapping> {
  return prepareGetMapping(tx, readDefinitions)(pairId, name)
}

/**
 * The row of the mapping is locked before it is compared, or made here, in which case a second maker of the same name
 * waits for us and then finds it: two savers of one mapping never store versions that do not know of each other.
 */
export async function saveMapping(db: Executor, write: MappingWrite): Promise<StoredMapping | null> {
  return db.transaction(async (tx) => {
    const change = await saveVersion(tx, write)
    if (change !== null) await writeAudit(tx, change, write)
    return change?.saved ?? null
  })
}

/** What a save has done; `before` is null for a new mapping. */
interface Change {
  readonly before: number | null
  readonly saved: StoredMapping
}

/** Null: the mapping is not at the expected version. */
async function saveVersion(tx: Executor, write: MappingWrite): Promise<Change | null> {
  const created = await tryCreate(tx, write)
  const before = created ? null : await change(tx, write)
  if (!created && before === null) return null
  const saved = await getMapping(tx, write.pairId, write.definition.name)
  const isSame = canonicalText(saved.definition) === canonicalText(write.definition)
  assert(isSame, `mapping ${write.definition.name} is stored as it was given`)
  return { before, saved }
}

async function writeAudit(tx: Executor, { before, saved }: Change, write: MappingWrite): Promise<void> {
  if (before === saved.version) return
  await appendAudit(tx, {
    actor: write.changedBy,
    action: 'mapping.save',
    subject: `mapping ${saved.definition.name}`,
    reason: write.reason,
    before: before === null ? null : { version: before },
    after: { version: saved.version },
    detail: { pairId: write.pairId, mappingId: saved.id },
  })
}

/** One transaction; the rows are locked in the order of their names, so that two savers do not wait for each other. */
export async function saveMappings(
  db: Executor,
  writes: readonly MappingImport[],
): Promise<readonly StoredMapping[]> {
  const ordered = [...writes].sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1))
  return db.transaction(async (tx) => {
    const changes: (readonly [Change, MappingImport])[] = []
    for (const write of ordered) {
      const change = await saveVersion(tx, write)
      if (change === null) throw changedMeanwhile(write.definition)
      changes.push([change, write])
    }
    await saveSchedules(tx, ordered)
    for (const [change, write] of changes) await writeAudit(tx, change, write)
    return changes.map(([{ saved }]) => saved)
  })
}

/**
 * Who saves a schedule alone locks it and then the end of the audit log; here, too, all locks of schedules go before the first
 * entry.
 */
async function saveSchedules(tx: Executor, writes: readonly MappingImport[]): Promise<void> {
  const given = writes.flatMap(({ schedule, changedBy, reason }) =>
    schedule === null ? [] : [{ schedule, act: { by: changedBy, reason } }],
  )
  for (const { schedule } of given) await lockSchedule(tx, schedule)
  for (const { schedule, act } of given) await saveSchedule(tx, schedule, act)
}

function changedMeanwhile({ name }: MappingDefinition): SyncError {
  const message = `Mapping ${name} was changed by somebody else in the meantime; nothing was saved`
  return new SyncError('MAPPING_EDITED', message, { data: { name } })
}

async function tryCreate(tx: Executor, write: MappingWrite): Promise<boolean> {
  if (write.expectedVersion !== null && write.expectedVersion !== 0) return false
  const { pairId, definition } = write
  const groups = groupsOf(await prepareGetPair(tx)(pairId), definition)
  const rows = await tx
    .insert(tableMapping)
    .values({ pairId, name: definition.name, version: 1, position: definition.position, ...groups })
    .onConflictDoNothing()
    .returning({ id: tableMapping.id })
  const row = rows[0]
  if (!row) return false
  await insertVersion(tx, row.id, 1, write)
  return true
}

/** The version there was; null when it is not the expected one. */
async function change(tx: Executor, write: MappingWrite): Promise<number | null> {
  const { pairId, definition, expectedVersion } = write
  await tx
    .select({ id: tableMapping.id })
    .from(tableMapping)
    .where(and(eq(tableMapping.pairId, pairId), eq(tableMapping.name, definition.name)))
    .for('no key update')
  const current = await getMapping(tx, pairId, definition.name)
  if (expectedVersion !== null && expectedVersion !== current.version) return null
  if (canonicalText(current.definition) === canonicalText(definition)) return current.version
  const version = current.version + 1
  await insertVersion(tx, current.id, version, write)
  const groups = groupsOf(await prepareGetPair(tx)(pairId), definition)
  const selectionGeneration = current.selectionGeneration + (write.selectionChanged ? 1 : 0)
  await tx
    .update(tableMapping)
    .set({ version, position: definition.position, selectionGeneration, ...groups, updatedAt: clock })
    .where(eq(tableMapping.id, current.id))
  await moveCouplings(tx, current.id, groups)
  return current.version
}

async function insertVersion(
  tx: Executor,
  mappingId: number,
  version: number,
  { definition, changedBy, reason }: MappingWrite,
): Promise<void> {
  await tx.insert(mappingVersion).values({ mappingId, version, head: toHead(definition), changedBy, reason })
  await tx
    .insert(fieldMapping)
    .values(toFieldRows(definition.fields).map((row) => ({ mappingId, version, ...row })))
}
