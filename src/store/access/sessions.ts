import { and, eq, lt, type SQL, sql } from 'drizzle-orm'
import type { AccessStore, Session, SignInAttempt } from '../../core/ports/access-store.ts'
import { clock, clockPlus, type Executor } from '../database.ts'
import { account } from '../schema/account.ts'
import { session } from '../schema/session.ts'
import { signInAttempt } from '../schema/sign-in-attempt.ts'

/** What has ended is removed when something new begins. */
export async function openSession(
  db: Executor,
  { id, userName, accountId, role, expiresInMs }: Parameters<AccessStore['openSession']>[0],
): Promise<void> {
  await db.delete(session).where(lt(session.expiresAt, clock))
  await db.insert(session).values({ id, userName, accountId, role, expiresAt: clockPlus(expiresInMs) })
}

/** What is known of a session; the role of an account is the one it has now. */
export const sessionColumns = {
  kind: sql<Session['kind']>`case when ${session.accountId} is null then 'oidc' else 'user' end`,
  name: session.userName,
  role: sql<Session['role']>`coalesce(${account.role}, ${session.role})`,
  expiresAt: session.expiresAt,
}

export function isOpen(idleMs: number): SQL | undefined {
  return and(sql`${session.expiresAt} > ${clock}`, sql`${session.lastSeenAt} > ${clockPlus(-idleMs)}`)
}

export async function useSession(db: Executor, id: string, idleMs: number): Promise<Session | null> {
  const rows = await db
    .select(sessionColumns)
    .from(session)
    .leftJoin(account, eq(account.id, session.accountId))
    .where(and(eq(session.id, id), isOpen(idleMs)))
  const found = rows[0] ?? null
  if (found !== null) await touch(db, id)
  return found
}

async function touch(db: Executor, id: string): Promise<void> {
  const isOld = sql`${session.lastSeenAt} < ${clockPlus(-60_000)}`
  await db
    .update(session)
    .set({ lastSeenAt: clock })
    .where(and(eq(session.id, id), isOld))
}

export async function endSession(db: Executor, id: string): Promise<boolean> {
  const { rowCount } = await db.delete(session).where(eq(session.id, id))
  return rowCount === 1
}

export async function beginSignIn(
  db: Executor,
  { expiresInMs, ...attempt }: Parameters<AccessStore['beginSignIn']>[0],
): Promise<void> {
  await db.delete(signInAttempt).where(lt(signInAttempt.expiresAt, clock))
  await db.insert(signInAttempt).values({ ...attempt, expiresAt: clockPlus(expiresInMs) })
}

export async function takeSignIn(db: Executor, id: string): Promise<SignInAttempt | null> {
  const rows = await db
    .delete(signInAttempt)
    .where(eq(signInAttempt.id, id))
    .returning({
      state: signInAttempt.state,
      nonce: signInAttempt.nonce,
      verifier: signInAttempt.verifier,
      isOpen: sql<boolean>`${signInAttempt.expiresAt} > ${clock}`,
    })
  const [found] = rows
  if (found === undefined || !found.isOpen) return null
  const { isOpen: _, ...attempt } = found
  return attempt
}
