import { asc, eq } from 'drizzle-orm'
import type { AccessStore, Account } from '../../core/ports/access-store.ts'
import { clock, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { account } from '../schema/account.ts'
import { session } from '../schema/session.ts'

const columns = { id: account.id, name: account.name, role: account.role, createdAt: account.createdAt }

export async function createAccount(
  db: Executor,
  { name, role, password }: Parameters<AccessStore['createAccount']>[0],
  { actor, reason = null }: Parameters<AccessStore['createAccount']>[1],
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .insert(account)
      .values({ name, role, password })
      .onConflictDoNothing()
      .returning({ id: account.id })
    if (rows.length === 0) return false
    await appendAudit(tx, { actor, reason, action: 'user.add', subject: `user ${name}`, after: { role } })
    return true
  })
}

export async function findAccount(
  db: Executor,
  name: string,
): Promise<(Account & { password: string }) | null> {
  const rows = await db
    .select({ ...columns, password: account.password })
    .from(account)
    .where(eq(account.name, name))
  return rows[0] ?? null
}

export function listAccounts(db: Executor): Promise<Account[]> {
  return db.select(columns).from(account).orderBy(asc(account.name))
}

/** Whoever has signed in with what held before has to do it again. */
export async function changeAccount(
  db: Executor,
  name: string,
  { role, password }: Parameters<AccessStore['changeAccount']>[1],
  { actor, reason = null }: Parameters<AccessStore['changeAccount']>[2],
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const found = await tx.select(columns).from(account).where(eq(account.name, name)).for('update')
    const [before] = found
    if (before === undefined) return false
    await tx
      .update(account)
      .set({ ...(role && { role }), ...(password && { password }), updatedAt: clock })
      .where(eq(account.id, before.id))
    await tx.delete(session).where(eq(session.accountId, before.id))
    await appendAudit(tx, {
      actor,
      reason,
      action: password === undefined ? 'user.role' : 'user.password',
      subject: `user ${name}`,
      before: { role: before.role },
      after: { role: role ?? before.role },
    })
    return true
  })
}

export async function removeAccount(
  db: Executor,
  name: string,
  { actor, reason = null }: Parameters<AccessStore['removeAccount']>[1],
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx.delete(account).where(eq(account.name, name)).returning({ role: account.role })
    const [before] = rows
    if (before === undefined) return false
    await appendAudit(tx, { actor, reason, action: 'user.remove', subject: `user ${name}`, before })
    return true
  })
}
