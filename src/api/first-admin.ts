import { hashPassword, newPassword } from '../app/password.ts'
import type { AccessStore } from '../core/ports/access-store.ts'

const NAME = 'admin'

/**
 * Makes the account of a new installation in which people sign in with a password, and shows its password, once: where there is
 * no account and was none, whatever keys there are. Of several processes only one makes it. `couplet users password admin` sets another.
 */
export async function createFirstAdmin(
  access: Pick<AccessStore, 'createAccount' | 'listAccounts' | 'listAudit' | 'findChainCut'>,
  show: (text: string) => void,
): Promise<void> {
  if (!(await wasNobodyEver(access))) return
  const password = newPassword()
  const account = { name: NAME, role: 'administer', password: await hashPassword(password) } as const
  if (!(await access.createAccount(account, { actor: 'first-start', reason: 'there was nobody' }))) return
  show(
    `Sign in with a browser as ${NAME} with the password ${password}\nIt is shown only now; \`couplet users password ${NAME}\` sets another.\n\n`,
  )
}

/** Who has removed the last account wants none; where retention has removed what the audit log began with, it tells no longer. */
async function wasNobodyEver(
  access: Pick<AccessStore, 'listAccounts' | 'listAudit' | 'findChainCut'>,
): Promise<boolean> {
  if ((await access.listAccounts()).length > 0 || (await access.findChainCut()) !== null) return false
  return (await access.listAudit({ action: 'user.add', limit: 1, before: null })).length === 0
}
