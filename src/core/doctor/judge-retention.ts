import { agingKinds, type KeepDays, type RetentionRound } from '../ports/retention-store.ts'
import { type Finding, good, warning } from './finding.ts'

/** Rounds come every six hours. */
const LATE_SECONDS = 86_400

/** Whether what is too old goes, and what has gone. */
export function judgeRetention(rounds: readonly RetentionRound[], keep: KeepDays): Finding {
  const what = 'retention'
  if (rounds.length === 0) return good('store', what, 'nothing has been looked through yet')
  const late = agingKinds.filter(
    (kind) =>
      keep[kind] !== null && !rounds.some((round) => round.kind === kind && round.secondsAgo < LATE_SECONDS),
  )
  if (late.length > 0)
    return warning(
      'store',
      what,
      `not done for a day: ${late.join(', ')}`,
      'The log of the scheduler that leads says why; without one nothing is removed.',
    )
  const removed = rounds.filter((round) => round.removedInAll > 0)
  const detail = removed
    .map((round) => `${round.removedInAll} ${round.kind} (${round.removed} last)`)
    .join(', ')
  return good('store', what, detail === '' ? 'nothing was too old yet' : `removed so far: ${detail}`)
}
