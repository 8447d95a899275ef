import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import type { Announcements } from '../../core/ports/connector.ts'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import { findAnnouncements } from '../../usecases/announcements/keep-announcements.ts'
import { wakeUp } from '../../usecases/announcements/wake-up.ts'
import type { Deps } from '../../usecases/deps.ts'
import type { Server } from '../server-type.ts'

const schema = {
  hide: true,
  params: z.object({ connection: z.string().min(1).max(200) }),
  querystring: z.object({
    validationToken: z
      .string()
      .regex(/^[\x20-\x7e]{1,2048}$/)
      .optional(),
  }),
}

/**
 * POST /notices/{connection}: a business system announces changes. Needs no key: each notice proves its sender. A token is
 * given back as it is, which is how a system makes sure that somebody listens here (connectors.md B.8).
 */
export function postNotice(server: Server, deps: Deps): void {
  server.post(
    '/notices/:connection',
    { schema, config: { role: 'anyone' } },
    async ({ params, query, body }, reply) => {
      const { connection, announcements } = await getAnnouncements(params.connection, deps)
      if (query.validationToken !== undefined) return reply.type('text/plain').send(query.validationToken)
      const runs = await wakeUp(connection, announcements.tablesOf(body), deps)
      return reply.code(202).send({ runs })
    },
  )
}

async function getAnnouncements(
  name: string,
  deps: Deps,
): Promise<{ readonly connection: ConnectionRecord; readonly announcements: Announcements }> {
  const connections = await deps.stores.mappings.listConnections()
  const connection = connections.find((each) => each.name === name)
  const announcements = connection ? await findAnnouncements(connection, deps) : null
  if (connection && announcements) return { connection, announcements }
  throw new SyncError('CONNECTION_UNKNOWN', 'No connection of this name has changes announced')
}
