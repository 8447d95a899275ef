import { type AlertReading, type AlertRule, type AlertSilence, metricFacts, type OpenAlert } from './rule.ts'

/** What one look at a rule changes. Every alert is in one list at most, but for `fire` and `tell`. */
export interface RulePlan {
  /** The threshold is newly exceeded. `isFired`: the rule speaks at once. */
  readonly open: readonly {
    readonly reading: AlertReading
    readonly isFired: boolean
    readonly isTold: boolean
  }[]
  /** Still exceeded, with its present value. */
  readonly keep: readonly { readonly id: number; readonly value: number }[]
  /** Exceeded for the whole window now: the rule speaks. */
  readonly fire: readonly number[]
  /** To be handed to the channels: it speaks, nobody has been told, and nothing silences it. */
  readonly tell: readonly number[]
  /** Over. Who has been told that it began is told that it is over, silenced or not. */
  readonly recover: readonly number[]
  /** Over before the window was: as if it had never been. */
  readonly forget: readonly number[]
}

export interface RuleFacts {
  readonly readings: readonly AlertReading[]
  readonly open: readonly OpenAlert[]
  readonly silences: readonly AlertSilence[]
  /** Of the clock that stamped the alerts. */
  readonly now: Date
}

/**
 * Judges one rule (dashboard.md §3.9). A subject that is no longer measured is over: its mapping has gone, or its queue
 * is empty. A rule that is off speaks of nothing.
 */
export function judgeRule(rule: AlertRule, { readings, open, silences, now }: RuleFacts): RulePlan {
  const meant = rule.enabled ? readings.filter((reading) => isMeant(rule, reading)) : []
  const bySubject = new Map(meant.map((reading) => [reading.subject, reading]))
  const windowMs = metricFacts[rule.metric].countsWindow ? 0 : rule.windowMinutes * 60_000
  const isQuiet = (subject: Place) => silences.some((silence) => silencesRule(silence, rule, subject, now))

  const isOpen = new Set(open.map(({ subject }) => subject))
  const opened = meant.filter(({ subject, value }) => value > rule.threshold && !isOpen.has(subject))
  const lasting = open.filter(({ subject, firedAt }) => {
    const value = bySubject.get(subject)?.value
    return (
      value !== undefined && value > (firedAt === null ? rule.threshold : (rule.recoverAt ?? rule.threshold))
    )
  })
  const over = open.filter((alert) => !lasting.includes(alert))
  const fire = lasting.filter(
    ({ firedAt, since }) => firedAt === null && now.getTime() - Date.parse(since) >= windowMs,
  )
  const speaking = lasting.filter((alert) => alert.firedAt !== null || fire.includes(alert))
  return {
    open: opened.map((reading) => {
      const isFired = windowMs === 0
      return { reading, isFired, isTold: isFired && !isQuiet(reading) }
    }),
    keep: lasting.map(({ id, subject, value }) => ({ id, value: bySubject.get(subject)?.value ?? value })),
    fire: fire.map(({ id }) => id),
    tell: speaking.filter((alert) => alert.toldAt === null && !isQuiet(alert)).map(({ id }) => id),
    recover: over.filter(({ firedAt }) => firedAt !== null).map(({ id }) => id),
    forget: over.filter(({ firedAt }) => firedAt === null).map(({ id }) => id),
  }
}

type Place = Pick<AlertReading, 'pairName' | 'mappingName'>

function isMeant(rule: Place, { pairName, mappingName }: Place): boolean {
  return (
    (rule.pairName === null || rule.pairName === pairName) &&
    (rule.mappingName === null || rule.mappingName === mappingName)
  )
}

function silencesRule(silence: AlertSilence, rule: AlertRule, place: Place, now: Date): boolean {
  if (Date.parse(silence.until) <= now.getTime()) return false
  if (silence.ruleName !== null && silence.ruleName !== rule.name) return false
  return isMeant(silence, place)
}
