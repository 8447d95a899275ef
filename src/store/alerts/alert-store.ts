import type { AlertStore } from '../../core/ports/alert-store.ts'
import type { Executor } from '../database.ts'
import { endDeliveries, postponeDeliveries, putBackDeliveries, takeDeliveries } from './deliveries.ts'
import { applyPlan, findOpen, listAlerts } from './open-alerts.ts'
import {
  addSilence,
  endSilence,
  listChannels,
  listRules,
  listSilences,
  removeChannel,
  removeRule,
  saveChannel,
  saveRule,
} from './rules.ts'

export function createAlertStore(db: Executor): AlertStore {
  return {
    listRules: () => listRules(db),
    saveRule: (rule, changed) => saveRule(db, rule, changed),
    removeRule: (name, changed) => removeRule(db, name, changed),
    listChannels: () => listChannels(db),
    saveChannel: (channel, changed) => saveChannel(db, channel, changed),
    removeChannel: (name, changed) => removeChannel(db, name, changed),
    listSilences: () => listSilences(db),
    addSilence: (silence) => addSilence(db, silence),
    endSilence: (id, changed) => endSilence(db, id, changed),
    findOpen: (ruleId) => findOpen(db, ruleId),
    applyPlan: (rule, plan) => applyPlan(db, rule, plan),
    listAlerts: (query) => listAlerts(db, query),
    takeDeliveries: (query) => takeDeliveries(db, query),
    endDeliveries: (ids) => endDeliveries(db, ids),
    postponeDeliveries: (ids, error, pauseMs) => postponeDeliveries(db, ids, error, pauseMs),
    putBackDeliveries: (ids, error) => putBackDeliveries(db, ids, error),
  }
}
