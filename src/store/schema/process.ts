import { boolean, check, integer, text } from 'drizzle-orm/pg-core'
import { processStates } from '../../core/ports/process-store.ts'
import { parseConcurrency, parseRoles, parseWorkAtHand } from '../processes/process-json.ts'
import { couplet, isOneOf, json, keyText, stamp } from './columns.ts'

/** A running process, by its last sign of life. A row outlives a process that was killed, for a day. */
export const knownProcess = couplet.table(
  'process',
  {
    id: keyText().primaryKey(),
    host: text().notNull(),
    pid: integer().notNull(),
    version: text().notNull(),
    roles: json(parseRoles)().notNull(),
    concurrency: json(parseConcurrency)().notNull(),
    state: text({ enum: processStates }).notNull(),
    isLeader: boolean().notNull(),
    work: json(parseWorkAtHand)().notNull(),
    memoryMb: integer().notNull(),
    delayMs: integer().notNull(),
    clockAheadMs: integer().notNull().default(0),
    startedAt: stamp(),
    seenAt: stamp(),
    isToBeQuiet: boolean().notNull().default(false),
  },
  (table) => [check('process_state', isOneOf(table.state, processStates))],
)
