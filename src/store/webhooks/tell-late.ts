import { inArray } from 'drizzle-orm'
import type { AlertEvent, AlertRule } from '../../core/alerts/rule.ts'
import type { Executor } from '../database.ts'
import { alert } from '../schema/alert.ts'
import { tell } from './tell.ts'

/** A rule on the age or the lateness of mappings says which are late: what people are told by it, programs are, too, with the same change. */
export async function tellLateMappings(
  tx: Executor,
  { metric, name, severity, threshold }: AlertRule,
  event: AlertEvent,
  alertIds: readonly number[],
): Promise<void> {
  if (metric !== 'mapping-age' && metric !== 'mapping-late') return
  const alerts = await tx
    .select({ pair: alert.pairName, mapping: alert.mappingName, value: alert.value, since: alert.since })
    .from(alert)
    .where(inArray(alert.id, [...alertIds]))
  const type = event === 'fired' ? 'mapping.late' : 'mapping.recovered'
  for (const { pair, mapping, value, since } of alerts) {
    if (pair === null || mapping === null) continue
    const data = {
      pair,
      mapping,
      rule: name,
      severity,
      metric,
      minutes: value,
      thresholdMinutes: threshold,
      since,
    }
    await tell(tx, { type, pair, mappings: [mapping], data })
  }
}
