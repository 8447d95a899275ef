import { z } from 'zod'
import { checks } from '../../core/sync/explain.ts'
import { Direction, Id, Instant, Key, MaybeInstant, MaybeKey, NextPage, Side } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { MappingName, PairName, pageQuery, text } from './inputs.ts'
import { Outcome } from './outcomes.ts'

const tag = 'records'

const CoupledSide = z.object({
  key: Key,
  /** What other records call it, as people write it. */
  reference: z.string(),
  modifiedAt: z.string().nullable(),
})

/** The link between one local and one remote record of a mapping. */
const Coupling = z
  .object({
    id: Id,
    mapping: z.string(),
    local: CoupledSide,
    remote: CoupledSide,
    mappingVersion: z.int(),
    generation: z.int(),
    createdAt: Instant,
    lastTo: z.object({ result: z.string().nullable(), at: MaybeInstant }),
    lastFrom: z.object({ result: z.string().nullable(), at: MaybeInstant }),
  })
  .meta({ id: 'Coupling' })

/** Which couplings of a mapping are meant. */
export const CouplingFields = {
  /** Only couplings whose local record is called so, or begins so. */
  local: text(500).optional(),
}

export const listCouplings = endpoint({
  name: 'listCouplings',
  method: 'GET',
  path: '/couplings',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'Couplings of one mapping, in the order of the numbers of their local records',
  query: z.strictObject({
    limit: pageQuery.limit,
    /** The `next` of the page before. */
    after: text(2_000).optional(),
    pair: PairName.optional(),
    mapping: MappingName,
    ...CouplingFields,
  }),
  status: 200,
  answer: z.object({ couplings: z.array(Coupling), next: z.string().nullable() }),
})

/** One record of a mapping: a key or reference of either side, as people write it. */
const recordQuery = {
  pair: PairName.optional(),
  mapping: MappingName,
  key: text(500),
  /** Otherwise the local side is asked first. */
  side: Side.optional(),
}

export const getHistory = endpoint({
  name: 'getHistory',
  method: 'GET',
  path: '/records/history',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'What has happened to one pair of records, newest first',
  query: z.strictObject({ ...pageQuery, ...recordQuery }),
  status: 200,
  answer: z.object({
    mapping: z.string(),
    local: MaybeKey,
    remote: MaybeKey,
    isCoupled: z.boolean(),
    outcomes: z.array(Outcome),
    next: NextPage,
  }),
})

const Finding = z.object({
  check: z.enum(checks),
  direction: Direction.nullable(),
  verdict: z.enum(['fine', 'pending', 'blocks']),
  says: z.string(),
  remedy: z.string().nullable(),
})

export const explainRecord = endpoint({
  name: 'explainRecord',
  method: 'GET',
  path: '/records/why',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'Why a record is, or is not, in step with its partner; looks at both as they are now',
  query: z.strictObject(recordQuery),
  status: 200,
  answer: z.object({
    mapping: z.string(),
    local: MaybeKey,
    remote: MaybeKey,
    isInStep: z.boolean(),
    decides: Finding.nullable(),
    findings: z.array(Finding),
  }),
})
