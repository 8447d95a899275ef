import { hashPassword, newPassword } from '../app/password.ts'
import type { AccessStore } from '../core/ports/access-store.ts'

const NAME = 'admin'

/**
 * Makes the account of a new installation in which people sign in with a password, and shows its password, once. Of several
 * processes only one makes it. `couplet users password admin` sets another.
 */
export async function createFirstAdmin(
  access: Pick<AccessStore, 'createAccount'>,
  show: (text: string) => void,
): Promise<void> {
  const password = newPassword()
  const account = { name: NAME, role: 'administer', password: await hashPassword(password) } as const
  if (!(await access.createAccount(account, { actor: 'first-start', reason: 'there was nobody' }))) return
  show(
    `Sign in with a browser as ${NAME} with the password ${password}\nIt is shown only now; \`couplet users password ${NAME}\` sets another.\n\n`,
  )
}
