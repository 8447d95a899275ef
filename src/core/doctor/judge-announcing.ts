import type { AnnouncedTable } from '../ports/connector.ts'
import { type Finding, good, warning } from './finding.ts'

/** Of a connection that is listened to: whether all its mapped tables tell of changes. */
export function judgeAnnouncing(connection: string, tables: readonly AnnouncedTable[]): Finding {
  const what = `${connection}: announcements`
  const silent = tables.filter(({ state }) => state === 'silent').map(({ table }) => table)
  if (silent.length === 0) return good('systems', what, 'all tables that can tell of changes do')
  return warning(
    'systems',
    what,
    `these tables have no trigger, and their changes are found by schedule: ${silent.join(', ')}`,
    `\`couplet connection announce ${connection} --apply\``,
  )
}
