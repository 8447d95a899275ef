import type { WebhookStore } from '../../core/ports/webhook-store.ts'
import type { Executor } from '../database.ts'
import { findDelivery, listDeliveries, replay } from './deliveries.ts'
import { find, list, listSecrets, remove, replaceSecrets, rotate, save, setEnabled } from './endpoints.ts'
import { recordAttempt } from './record-attempt.ts'
import { takeDue, takeTest } from './take.ts'

export function createWebhookStore(db: Executor): WebhookStore {
  return {
    list: () => list(db),
    find: (name) => find(db, name),
    save: (endpoint, sealed, changed) => save(db, endpoint, sealed, changed),
    setEnabled: (name, enabled, changed) => setEnabled(db, name, enabled, changed),
    remove: (name, changed) => remove(db, name, changed),
    rotate: (name, sealed, previousMs, changed) => rotate(db, name, sealed, previousMs, changed),
    listSecrets: () => listSecrets(db),
    replaceSecrets: (before, after, changed) => replaceSecrets(db, before, after, changed),
    takeTest: (endpoint, holdMs) => takeTest(db, endpoint, holdMs),
    takeDue: (query) => takeDue(db, query),
    recordAttempt: (message, attempt, verdict) => recordAttempt(db, message, attempt, verdict),
    listDeliveries: (query) => listDeliveries(db, query),
    findDelivery: (id) => findDelivery(db, id),
    replay: (what, changed) => replay(db, what, changed),
  }
}
