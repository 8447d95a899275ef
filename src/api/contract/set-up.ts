import { z } from 'zod'
import { jobStates } from '../../core/sync/run.ts'
import { Id, NextPage } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { MappingName, PairName, pageQuery, RowId, text, timeRange } from './inputs.ts'
import { Job } from './run-answers.ts'

export const listJobs = endpoint({
  name: 'listJobs',
  method: 'GET',
  path: '/jobs',
  role: 'view',
  tag: 'runs',
  summary: 'Jobs of all runs, newest first',
  query: z.strictObject({
    ...pageQuery,
    pair: PairName.optional(),
    run: RowId.optional(),
    code: text(50).optional(),
    mapping: MappingName.optional(),
    state: z.enum(jobStates).optional(),
    ...timeRange,
  }),
  status: 200,
  answer: z.object({ jobs: z.array(Job), next: NextPage }),
})

const End = z.object({ connection: z.string(), company: z.string() })

/** One local connection + company and one remote connection + company. */
const Pair = z.object({ id: Id, name: z.string(), local: End, remote: End }).meta({ id: 'Pair' })

export const listPairs = endpoint({
  name: 'listPairs',
  method: 'GET',
  path: '/pairs',
  role: 'view',
  tag: 'set-up',
  summary: 'Pairs of systems',
  status: 200,
  answer: z.object({ pairs: z.array(Pair) }),
})
