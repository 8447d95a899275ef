import { and, asc, eq, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { Pause, PauseScope } from '../../core/control/pause.ts'
import type { Act } from '../../core/ports/act.ts'
import type { ControlStore } from '../../core/ports/control-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { connection } from '../schema/connection.ts'
import { pause } from '../schema/pause.ts'
import { tableMapping } from '../schema/table-mapping.ts'

function selectPauses(db: Executor) {
  return db
    .select({
      id: pause.id,
      scope: pause.scope,
      connectionId: pause.connectionId,
      mappingId: pause.mappingId,
      name: sql<string | null>`coalesce(${connection.name}, ${tableMapping.name})`,
      cause: pause.cause,
      by: pause.pausedBy,
      reason: pause.reason,
      at: pause.at,
      until: pause.until,
    })
    .from(pause)
    .leftJoin(connection, eq(connection.id, pause.connectionId))
    .leftJoin(tableMapping, eq(tableMapping.id, pause.mappingId))
    .$dynamic()
}

const holdsNow = or(isNull(pause.until), sql`${pause.until} > ${clock}`)

export function listPauses(db: Executor): Promise<Pause[]> {
  return selectPauses(db).where(holdsNow).orderBy(asc(pause.id))
}

const idsOf = (what: PauseScope) => ({
  scope: what.scope,
  connectionId: what.scope === 'connection' ? what.connectionId : null,
  mappingId: what.scope === 'mapping' ? what.mappingId : null,
})

function isIt(what: PauseScope): SQL | undefined {
  const { scope, connectionId, mappingId } = idsOf(what)
  return and(
    eq(pause.scope, scope),
    connectionId === null ? undefined : eq(pause.connectionId, connectionId),
    mappingId === null ? undefined : eq(pause.mappingId, mappingId),
  )
}

/** As the audit log calls it. */
function subjectOf(what: PauseScope): string {
  if (what.scope === 'everything') return 'everything'
  return what.scope === 'connection' ? `connection/${what.connectionId}` : `mapping/${what.mappingId}`
}

export function pauseWork(
  db: Executor,
  what: PauseScope,
  { cause, until, reason }: Parameters<ControlStore['pause']>[1],
  act: Act,
): Promise<Pause> {
  return db.transaction(async (tx) => {
    await tx
      .delete(pause)
      .where(
        and(
          isIt(what),
          cause === 'person' ? undefined : sql`(${pause.cause} <> 'person' or not ${holdsNow})`,
        ),
      )
    const made = await tx
      .insert(pause)
      .values({ ...idsOf(what), cause, until, reason, pausedBy: act.by, at: clock })
      .onConflictDoNothing()
      .returning({ id: pause.id })
    if (made.length > 0)
      await appendAudit(tx, {
        actor: act.by,
        action: 'pause',
        subject: subjectOf(what),
        reason,
        detail: { cause, until },
      })
    const [now] = await selectPauses(tx).where(isIt(what))
    return present(now, 'pause')
  })
}

export function resumeWork(db: Executor, what: PauseScope, act: Act): Promise<boolean> {
  return db.transaction(async (tx) => {
    const ended = await tx.delete(pause).where(isIt(what)).returning({ reason: pause.reason, at: pause.at })
    const [before] = ended
    if (before === undefined) return false
    await appendAudit(tx, {
      actor: act.by,
      action: 'resume',
      subject: subjectOf(what),
      reason: act.reason,
      before,
    })
    return true
  })
}

export function endPauses(db: Executor): Promise<number> {
  return db.transaction(async (tx) => {
    const over = await tx.delete(pause).where(sql`${pause.until} <= ${clock}`).returning()
    for (const { scope, connectionId, mappingId, reason, at, until } of over)
      await appendAudit(tx, {
        actor: 'couplet',
        action: 'resume',
        subject: subjectOf(scopeOf({ scope, connectionId, mappingId })),
        reason: 'Its time is over',
        before: { reason, at, until },
      })
    return over.length
  })
}

function scopeOf({ scope, connectionId, mappingId }: ReturnType<typeof idsOf>): PauseScope {
  if (scope === 'everything') return { scope }
  if (scope === 'connection') return { scope, connectionId: present(connectionId, 'connection') }
  return { scope, mappingId: present(mappingId, 'mapping') }
}
