import { z } from 'zod'
import { MappingDefinition } from '../../core/mapping/definition.ts'
import { Id, Instant } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { MappingName, PairName, pageQuery, Reason, wholeNumber } from './inputs.ts'

const tag = 'mappings'

/** As in a mapping file (docs/mappings.md). */
const Definition = MappingDefinition.meta({ id: 'MappingDefinition' })

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

/** Something about a mapping that does not keep it from running. */
const Warning = z.object({
  mapping: z.string(),
  path: z.string(),
  value: z.string(),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
})

/** What has become of one mapping; with `dryRun` what would. */
const Imported = z.object({
  name: z.string(),
  version: z.int(),
  result: z.enum(['created', 'changed', 'unchanged']),
})

const ImportAnswer = z.object({ imported: z.array(Imported), warnings: z.array(Warning) })

const Version = wholeNumber('expected a version, from 1', 2_147_483_647)
const ByName = z.strictObject({ name: MappingName })
const OfPair = z.strictObject({ pair: PairName.optional() })
const Act = { pair: PairName.optional(), reason: Reason.optional() }

export const listMappings = endpoint({
  name: 'listMappings',
  method: 'GET',
  path: '/mappings',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'Mappings of a pair, in the order in which they run',
  query: OfPair,
  status: 200,
  answer: z.object({ mappings: z.array(Mapping) }),
})

export const getMapping = endpoint({
  name: 'getMapping',
  method: 'GET',
  path: '/mappings/:name',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'One mapping; ETag is its version',
  params: ByName,
  query: OfPair,
  status: 200,
  answer: z.object({ mapping: Mapping }),
})

export const listMappingVersions = endpoint({
  name: 'listMappingVersions',
  method: 'GET',
  path: '/mappings/:name/versions',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'Versions of a mapping with who made them and why, newest first; `next` is a version here',
  params: ByName,
  query: z.strictObject({ limit: pageQuery.limit, before: Version.optional(), pair: PairName.optional() }),
  status: 200,
  answer: z.object({
    versions: z.array(z.object({ version: z.int(), changedBy: z.string(), reason: z.string(), at: Instant })),
    next: z.int().nullable(),
  }),
})

export const getMappingVersion = endpoint({
  name: 'getMappingVersion',
  method: 'GET',
  path: '/mappings/:name/versions/:version',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'The definition of one version, whatever the current one is',
  params: z.strictObject({
    name: MappingName,
    version: Version,
  }),
  query: OfPair,
  status: 200,
  answer: z.object({ version: z.int(), definition: z.record(z.string(), z.unknown()) }),
})

const tagPattern = /^"([1-9]\d{0,8})"$/

/** Which version the change was made from; other headers are nobody's business here. */
const EditHeaders = z.looseObject({
  'if-match': z
    .string()
    .regex(tagPattern, 'expected the ETag of a mapping: "3"')
    .transform((text) => Number(tagPattern.exec(text)?.[1]))
    .optional(),
  'if-none-match': z.literal('*', { error: 'expected *: the mapping must be new' }).optional(),
})

export const putMapping = endpoint({
  name: 'putMapping',
  method: 'PUT',
  path: '/mappings/:name',
  role: 'configure',
  tag,
  summary:
    'Store a mapping as a new version: with If-Match the ETag that was read, with If-None-Match * a new one; dryRun only checks it',
  params: ByName,
  headers: EditHeaders,
  body: z.strictObject({ ...Act, dryRun: z.boolean().default(false), definition: Definition }),
  status: 200,
  answer: ImportAnswer,
})

export const importMappings = endpoint({
  name: 'importMappings',
  method: 'POST',
  path: '/mappings/import',
  role: 'configure',
  tag,
  summary: 'Store several mappings as new versions, all of them or none; dryRun only checks them',
  body: z.strictObject({
    ...Act,
    dryRun: z.boolean().default(false),
    mappings: z
      .array(
        z.strictObject({
          version: z
            .int()
            .min(0)
            .max(2_147_483_647)
            .meta({ description: 'The version the change was made from; 0: the mapping must be new' }),
          definition: Definition,
        }),
      )
      .min(1, 'expected at least one mapping')
      .max(200, 'expected at most 200 mappings'),
  }),
  status: 200,
  answer: ImportAnswer,
})

export const enableMapping = endpoint({
  name: 'enableMapping',
  method: 'POST',
  path: '/mappings/:name/enable',
  role: 'configure',
  tag,
  summary: 'A mapping takes part in runs again; checked like an import',
  params: ByName,
  body: z.strictObject(Act),
  status: 200,
  answer: ImportAnswer,
})

export const disableMapping = endpoint({
  name: 'disableMapping',
  method: 'POST',
  path: '/mappings/:name/disable',
  role: 'configure',
  tag,
  summary:
    'A mapping takes part in no run any more, also where it is named; works while its systems are down',
  params: ByName,
  body: z.strictObject(Act),
  status: 200,
  answer: ImportAnswer,
})
