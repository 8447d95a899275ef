import type { RulePlan } from '../alerts/judge-rule.ts'
import type { ToldAlert } from '../alerts/message.ts'
import type { AlertChannel, AlertEvent, AlertRule, AlertSilence, OpenAlert } from '../alerts/rule.ts'

/** Who changes something, and why; stands in the audit log with the change. */
export interface ChangedBy {
  readonly by: string
  readonly reason: string | null
}

/** An alert with its rule, as people list them. */
export interface ListedAlert extends OpenAlert {
  readonly rule: AlertRule
  readonly recoveredAt: string | null
  /** Why the last message about it could not be sent; null: none is owed, or none has failed. */
  readonly deliveryError: string | null
}

/** A message that is owed, taken by one sender for a while. */
export interface DueDelivery {
  readonly id: number
  readonly attempts: number
  readonly event: AlertEvent
  readonly channel: AlertChannel
  readonly told: ToldAlert
}

export interface AlertStore {
  listRules(): Promise<readonly AlertRule[]>
  /** Creates or replaces by name. */
  saveRule(rule: Omit<AlertRule, 'id'>, changed: ChangedBy): Promise<AlertRule>
  /** With its alerts. False: there is none of that name. */
  removeRule(name: string, changed: ChangedBy): Promise<boolean>
  listChannels(): Promise<readonly AlertChannel[]>
  /** Creates or replaces by name. */
  saveChannel(channel: Omit<AlertChannel, 'id'>, changed: ChangedBy): Promise<AlertChannel>
  /** With the messages owed to it. False: there is none of that name. */
  removeChannel(name: string, changed: ChangedBy): Promise<boolean>
  /** Those that have not ended. */
  listSilences(): Promise<readonly AlertSilence[]>
  /** For so many minutes from now on. */
  addSilence(
    silence: Omit<AlertSilence, 'id' | 'until'> & { readonly minutes: number },
  ): Promise<AlertSilence>
  /** Ends it now. False: there is none of that number, or it has ended. */
  endSilence(id: number, changed: ChangedBy): Promise<boolean>
  /** What is open of a rule, and the clock it is measured by. */
  findOpen(ruleId: number): Promise<{ readonly now: Date; readonly alerts: readonly OpenAlert[] }>
  /**
   * Applies what was judged, in one transaction, with the messages that are owed for it: to the channels that the rule
   * names, or to all. Applied twice, or by two at once, it tells of each change once.
   */
  applyPlan(rule: AlertRule, plan: RulePlan): Promise<void>
  /** Newest first: open ones, and with `recovered` also those that are over. */
  listAlerts(query: { readonly recovered: boolean; readonly limit: number }): Promise<readonly ListedAlert[]>
  /** Takes what is due, so that nobody else sends it meanwhile; who dies on the way leaves it due again after `holdMs`. */
  takeDeliveries(query: { readonly limit: number; readonly holdMs: number }): Promise<readonly DueDelivery[]>
  /** Sent: nothing is owed any more. */
  endDeliveries(ids: readonly number[]): Promise<void>
  /** Not sent: tried again after a pause. */
  postponeDeliveries(ids: readonly number[], error: string, pauseMs: number): Promise<void>
  /** Taken by somebody who cannot send it: due at once, behind all that is due, and no attempt. */
  putBackDeliveries(ids: readonly number[], error: string): Promise<void>
}
