import { sql } from 'drizzle-orm'
import { check, index, text } from 'drizzle-orm/pg-core'
import { parseQuestionMappings, parseQuestionResults } from '../json.ts'
import { bigNumber, couplet, identity, instant, isOneOf, json, stamp } from './columns.ts'
import { pair } from './pair.ts'
import { run } from './run.ts'

export const questionStates = ['open', 'answered', 'expired'] as const
export const answers = ['yes', 'no'] as const

/** "Keep creating new records in scheduled jobs?" – one per full run (domain.md §13.1). */
export const endQuestion = couplet.table(
  'end_question',
  {
    id: identity(),
    runId: bigNumber()
      .notNull()
      .unique()
      .references(() => run.id),
    pairId: bigNumber()
      .notNull()
      .references(() => pair.id),
    state: text({ enum: questionStates }).notNull().default('open'),
    answer: text({ enum: answers }),
    mappings: json(parseQuestionMappings)().notNull(),
    results: json(parseQuestionResults)().notNull().default([]),
    openedAt: stamp(),
    expiresAt: instant().notNull(),
    answeredAt: instant(),
  },
  (table) => [
    index('end_question_open').on(table.pairId).where(sql`${table.state} = 'open'`),
    check('end_question_state', isOneOf(table.state, questionStates)),
    check('end_question_answer', isOneOf(table.answer, answers)),
    check('end_question_answered', sql`(${table.state} = 'answered') = (${table.answer} is not null)`),
  ],
)
