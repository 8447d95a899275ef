import { sql } from 'drizzle-orm'
import { check, index, integer, text, unique, uniqueIndex } from 'drizzle-orm/pg-core'
import { runKinds, runStates } from '../../core/sync/run.ts'
import { parseRunOptions } from '../json.ts'
import { bigNumber, couplet, identity, instant, isOneOf, json, stamp } from './columns.ts'
import { pair } from './pair.ts'
import { schedule } from './schedule.ts'

/** One request for work: who asked, why, when, and how it went. */
export const run = couplet.table(
  'run',
  {
    id: identity(),
    pairId: bigNumber()
      .notNull()
      .references(() => pair.id),
    kind: text({ enum: runKinds }).notNull(),
    state: text({ enum: runStates }).notNull().default('queued'),
    options: json(parseRunOptions)().notNull(),
    requestedBy: text().notNull(),
    reason: text().notNull(),
    priority: integer().notNull(),
    /** Who is told of its end; may hold a secret, so it is never shown. */
    callbackUrl: text(),
    generation: integer().notNull().default(1),
    scheduleId: bigNumber().references(() => schedule.id, { onDelete: 'set null' }),
    slot: text(),
    idempotencyKey: text(),
    payloadHash: text(),
    errorCode: text(),
    errorMessage: text(),
    /** Who has cancelled it. */
    cancelledBy: text(),
    createdAt: stamp(),
    startedAt: instant(),
    finishedAt: instant(),
  },
  (table) => [
    unique('run_of_pair').on(table.id, table.pairId),
    uniqueIndex('run_slot').on(table.scheduleId, table.slot),
    uniqueIndex('run_idempotency_key').on(table.pairId, table.idempotencyKey),
    uniqueIndex('run_one_full')
      .on(table.pairId)
      .where(sql`${table.kind} = 'full' and ${table.state} in ('queued', 'running')
        and not coalesce((${table.options} ->> 'dryRun')::boolean, false)`),
    index('run_of_state').on(table.state, table.id),
    index('run_of_pair_by_id').on(table.pairId, table.id),
    index('run_of_requester').on(table.requestedBy, table.id),
    index('run_created').on(table.createdAt),
    index('run_unfinished').on(table.id).where(sql`${table.state} in ('queued', 'running')`),
    // What has ended lately (alerts), and what retention may remove.
    index('run_finished').on(table.finishedAt),
    check('run_kind', isOneOf(table.kind, runKinds)),
    check('run_state', isOneOf(table.state, runStates)),
    check('run_idempotency', sql`(${table.idempotencyKey} is null) = (${table.payloadHash} is null)`),
    check('run_error', sql`(${table.errorCode} is null) = (${table.errorMessage} is null)`),
  ],
)
