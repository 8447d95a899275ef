import { z } from 'zod'
import { jobStates } from '../../core/sync/run.ts'
import { Id, NextPage } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { MappingName, PairName, pageQuery } from './inputs.ts'
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
    mapping: MappingName.optional(),
    state: z.enum(jobStates).optional(),
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

/** How one system is reached; secrets are referred to, never shown. */
const Connection = z
  .object({ id: Id, name: z.string(), kind: z.string(), settings: z.record(z.string(), z.string()) })
  .meta({ id: 'Connection' })

export const listConnections = endpoint({
  name: 'listConnections',
  method: 'GET',
  path: '/connections',
  role: 'view',
  tag: 'set-up',
  summary: 'Connections to business systems, without their secrets',
  status: 200,
  answer: z.object({ connections: z.array(Connection) }),
})

/** A mapping as it is now. `definition`: as in a mapping file (docs/mappings.md). */
const Mapping = z
  .object({
    id: Id,
    name: z.string(),
    version: z.int(),
    enabled: z.boolean(),
    localWatermark: z.string().nullable(),
    remoteWatermark: z.string().nullable(),
    definition: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Mapping' })

export const listMappings = endpoint({
  name: 'listMappings',
  method: 'GET',
  path: '/mappings',
  role: 'view',
  isScoped: true,
  tag: 'set-up',
  summary: 'Mappings of a pair, in the order in which they run',
  query: z.strictObject({ pair: PairName.optional() }),
  status: 200,
  answer: z.object({ mappings: z.array(Mapping) }),
})

export const getMapping = endpoint({
  name: 'getMapping',
  method: 'GET',
  path: '/mappings/:name',
  role: 'view',
  isScoped: true,
  tag: 'set-up',
  summary: 'One mapping',
  params: z.strictObject({ name: MappingName }),
  query: z.strictObject({ pair: PairName.optional() }),
  status: 200,
  answer: z.object({ mapping: Mapping }),
})
