import type { LineSession } from './session.ts'

/** Time over which each further page of released records is spread. */
const SPREAD_MS = 5_000

/**
 * A changed mapping, table or connection may have removed what was wrong: everything that was met under the older one is
 * tried again, set aside or not (domain.md §11.4). One page is due at once, each further one some seconds later, so that
 * thousands come neither in one statement nor at one moment. Dying in between is harmless: the next line goes on.
 */
export async function releaseOutdated(session: LineSession): Promise<void> {
  const { deps, mapping, configuration, log } = session
  const limit = deps.settings.pageSize
  let total = 0
  for (let page = 0, released = limit; released === limit; page += 1) {
    session.signal.throwIfAborted()
    released = await session.commits.sync.releaseOutdated(
      mapping.id,
      { mappingVersion: mapping.version, configuration },
      { limit, fromMs: Math.max(0, page - 1) * SPREAD_MS, toMs: page * SPREAD_MS },
    )
    total += released
  }
  if (total > 0)
    log.info({ issues: total }, 'The mapping or its surroundings have changed: its issues are due again')
}
