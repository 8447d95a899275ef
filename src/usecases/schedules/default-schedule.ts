import type { MappingDefinition } from '../../core/mapping/definition.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import type { ScheduleWrite } from '../../core/ports/schedule-store.ts'
import type { Schedule } from '../../core/schedules/schedule.ts'
import type { Deps } from '../deps.ts'
import { usualAnchor } from './usual-anchor.ts'

/**
 * What an import has to write of the recurring job of a mapping; null: nothing. A mapping that comes with an interval gets its
 * recurring job, as in the original (default-mappings.md §0.1), unless it had one and somebody has removed it. Another interval in
 * the file is taken over, unless somebody has changed the job itself: their change stays. So is the job switched on with its
 * mapping, unless it was somebody who switched it off.
 */
export async function planDefaultSchedule(
  pair: Pair,
  definition: MappingDefinition,
  before: MappingDefinition | undefined,
  { stores, clock }: Pick<Deps, 'stores' | 'clock'>,
): Promise<ScheduleWrite | null> {
  const { name, enabled, schedule } = definition
  if (schedule === undefined) return null
  const schedules = await stores.schedules.list()
  const known = schedules.find((each) => each.pairId === pair.id && each.name === name)
  const isOurs = known?.mapping === name && before?.schedule !== undefined && isSame(known, before.schedule)
  const isToStart =
    isOurs && !known.enabled && enabled && !before.enabled && !(await isOffByHand(known, stores))
  if (known && (!isOurs || (isSame(known, schedule) && !isToStart))) return null
  if (!known && before?.schedule !== undefined && (await isRemovedByHand({ pairId: pair.id, name }, stores)))
    return null
  const rate = { everyMinutes: schedule.everyMinutes, inactivityMinutes: schedule.inactivityMinutes }
  const asNew = { kind: 'mapping', mapping: name, enabled, anchorAt: usualAnchor(clock.now()) } as const
  return { pairId: pair.id, name, ...rate, ...(known ? {} : asNew), ...(isToStart && { enabled }) }
}

type AuditedStores = Pick<Deps['stores'], 'access'>

async function isRemovedByHand(
  { pairId, name }: Pick<Schedule, 'pairId' | 'name'>,
  { access }: AuditedStores,
): Promise<boolean> {
  const [last] = await access.listAudit({ subject: `schedule/${pairId}/${name}`, limit: 1, before: null })
  return last?.action === 'schedule.removed'
}

/** Made with a mapping that was off, it is off, too; whatever was said about it later, somebody has said. */
async function isOffByHand({ pairId, name }: Schedule, { access }: AuditedStores): Promise<boolean> {
  const said = { action: 'schedule.changed', subject: `schedule/${pairId}/${name}` }
  const changes = await access.listAudit({ ...said, limit: 1_000, before: null })
  return changes.find(({ after }) => after?.['enabled'] !== undefined)?.after?.['enabled'] === false
}

type Rate = Pick<Schedule, 'everyMinutes' | 'inactivityMinutes'>

function isSame(one: Rate, other: Rate): boolean {
  return one.everyMinutes === other.everyMinutes && one.inactivityMinutes === other.inactivityMinutes
}
