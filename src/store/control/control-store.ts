import type { ControlStore } from '../../core/ports/control-store.ts'
import type { Executor } from '../database.ts'
import { listBreakers, turnBreaker } from './breakers.ts'
import { endPauses, listPauses, pauseWork, resumeWork } from './pauses.ts'

export function createControlStore(db: Executor): ControlStore {
  return {
    pause: (what, how, act) => pauseWork(db, what, how, act),
    resume: (what, act) => resumeWork(db, what, act),
    listPauses: () => listPauses(db),
    endPauses: () => endPauses(db),
    turnBreaker: (connectionId, event) => turnBreaker(db, connectionId, event),
    listBreakers: () => listBreakers(db),
  }
}
