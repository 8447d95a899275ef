import { check, index, integer, text } from 'drizzle-orm/pg-core'
import { matchVerdicts } from '../../core/coupling/match-list.ts'
import { bigNumber, couplet, identity, isOneOf, keyText, stamp } from './columns.ts'
import { job } from './job.ts'

/** What match-based coupling has found, record by record: the list that people review (domain.md §12.3). */
export const matchFinding = couplet.table(
  'match_finding',
  {
    id: identity(),
    jobId: bigNumber()
      .notNull()
      .references(() => job.id),
    key: keyText().notNull(),
    verdict: text({ enum: matchVerdicts }).notNull(),
    position: integer(),
    candidates: text().array().notNull(),
    candidateCount: integer().notNull(),
    rivals: integer().notNull(),
    takenBy: text(),
    foundAt: stamp(),
  },
  (table) => [
    index('match_finding_of_job').on(table.jobId, table.verdict, table.id),
    check('match_finding_verdict', isOneOf(table.verdict, matchVerdicts)),
  ],
)
