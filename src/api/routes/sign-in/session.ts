import { z } from 'zod'
import type { Context } from '../../../app/context.ts'
import { isPassword } from '../../../app/password.ts'
import { SyncError } from '../../../core/errors.ts'
import { text } from '../../contract/inputs.ts'
import type { Server } from '../../server-type.ts'
import type { SessionRules } from '../../sign-in/by-session.ts'
import { readToken, setToken } from '../../sign-in/cookies.ts'
import { countAttempt, giveBackAttempt, takeBackAttempt } from '../../sign-in/limits.ts'
import { openSession } from '../../sign-in/open-session.ts'
import { hashToken } from '../../sign-in/token.ts'
import { createTurns } from '../../turns.ts'

/** Each look at a password takes 32 MB and a thread of four: two are looked at, a few wait. */
const atOnce = 2
const waiting = 20

const body = z.strictObject({ name: text(200), password: z.string().min(1).max(500) })

/**
 * GET /session: who asks. POST /session: signs in with a password. DELETE /session: signs out. What is wrong with name or
 * password is not told, and takes as long for a name that does not exist.
 */
export function serveSession(server: Server, { deps }: Pick<Context, 'deps'>, rules: SessionRules): void {
  const { access } = deps.stores
  const inTurn = createTurns(atOnce, waiting, 'Too many people sign in at this moment')
  const findPerson = async (name: string, password: string) => {
    const account = await access.findAccount(name)
    return (await isPassword(password, account?.password ?? null)) ? account : null
  }
  server.get(
    '/session',
    { config: { role: 'view', isScoped: true }, schema: { hide: true } },
    async ({ principal }) => {
      const { name, kind, role } = principal
      return { name, kind, role }
    },
  )
  const open = { config: { role: 'anyone' }, schema: { hide: true } } as const
  server.post('/session', { ...open, schema: { ...open.schema, body } }, async (request, reply) => {
    const { name, password } = request.body
    // First, so that guesses that are refused anyway take no turn.
    await countAttempt(access, request.ip, name)
    const account = await inTurn(() => findPerson(name, password)).catch(async (error: unknown) => {
      await giveBackAttempt(access, request.ip, name)
      throw error
    })
    if (account === null) {
      deps.log.warn({ address: request.ip }, 'A sign-in with a password failed')
      throw new SyncError('SIGN_IN_FAILED', 'The name or the password is not right')
    }
    await takeBackAttempt(access, request.ip, name)
    await openSession({ kind: 'user', name: account.name, accountId: account.id }, reply, rules, deps)
    return { name: account.name, kind: 'user', role: account.role }
  })
  server.delete('/session', open, async (request, reply) => {
    const token = readToken(request, 'session', rules)
    if (token !== null) await access.endSession(hashToken(token))
    return setToken(reply, 'session', '', 0, rules).code(204).send()
  })
}
