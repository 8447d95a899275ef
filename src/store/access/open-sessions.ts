import { and, asc, desc, eq, isNotNull, isNull } from 'drizzle-orm'
import { subjectOf } from '../../core/access/principal.ts'
import type { AccessStore, OpenSession } from '../../core/ports/access-store.ts'
import { groupBy } from '../../lib/group.ts'
import type { Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { account } from '../schema/account.ts'
import { session } from '../schema/session.ts'
import { isOpen, sessionColumns } from './sessions.ts'

export function listSessions(db: Executor, idleMs: number): Promise<OpenSession[]> {
  return db
    .select({
      id: session.id,
      ...sessionColumns,
      createdAt: session.createdAt,
      lastSeenAt: session.lastSeenAt,
    })
    .from(session)
    .leftJoin(account, eq(account.id, session.accountId))
    .where(isOpen(idleMs))
    .orderBy(asc(session.userName), desc(session.createdAt), asc(session.id))
}

/** One entry of the audit log for each person whose sessions end. */
export async function endSessions(
  db: Executor,
  which: Parameters<AccessStore['endSessions']>[0],
  { actor, reason = null }: Parameters<AccessStore['endSessions']>[1],
): Promise<number> {
  const isMeant =
    'id' in which
      ? eq(session.id, which.id)
      : and(
          eq(session.userName, which.name),
          which.kind === 'oidc' ? isNull(session.accountId) : isNotNull(session.accountId),
        )
  return db.transaction(async (tx) => {
    const ended = await tx
      .delete(session)
      .where(isMeant)
      .returning({ name: session.userName, accountId: session.accountId })
    const subjects = ended.map(({ name, accountId }) =>
      subjectOf({ kind: accountId === null ? 'oidc' : 'user', name }),
    )
    for (const [subject, { length: sessions }] of groupBy(subjects, (each) => each))
      await appendAudit(tx, { actor, reason, action: 'session.end', subject, before: { sessions } })
    return ended.length
  })
}
