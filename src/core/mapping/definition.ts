/// <reference lib="es2024.string" />
import { z } from 'zod'
import { normalisers } from '../coupling/normalise.ts'
import type { ErrorCode } from '../errors.ts'
import { TransformStep } from '../transform/steps.ts'
import { conflictStrategies, initialDirections, updateConflicts } from './conflict-strategy.ts'
import { normaliseFilter } from './filter-text.ts'
import { schemaPolicies } from './schema-drift.ts'

export const directions = ['ToIntegrationTable', 'FromIntegrationTable', 'Bidirectional'] as const
export type MappingDirection = (typeof directions)[number]

/** Direction of one job: `to` writes the remote side (the integration table), `from` writes the local side. */
export type JobDirection = 'to' | 'from'
export type Side = 'local' | 'remote'

export const sourceSide = { to: 'local', from: 'remote' } as const satisfies Record<JobDirection, Side>
export const destinationSide = { to: 'remote', from: 'local' } as const satisfies Record<JobDirection, Side>

/** Text that every store keeps as it is. */
const Text = z
  .string()
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must not hold U+0000 or half a character')
const FieldName = Text.min(1).max(128)
/** No slash: `referenceName` separates by it. */
const MappingName = Text.min(1)
  .max(50)
  .regex(/^[^/]*$/, 'must not contain a slash')
  .regex(/^\P{Cc}*$/u, 'must be written on one line, without control characters')
  .regex(/^(?!\s)(?!.*\s$)/su, 'must not begin or end with a blank')
/** Whole numbers as the store keeps them. */
const Whole = z.int().max(2_147_483_647)

/** In the spelling of `printFilter` once it can be read. */
const FilterText = Text.max(10_000).transform(normaliseFilter)

/** Codes a requirement may answer with; the kind of the code says whether the record waits or fails. */
const requirementCodes = [
  'EXCHANGE_RATE_MISSING',
  'UNIT_GROUP_INVALID',
  'PARENT_MISSING',
  'REQUIREMENT_NOT_MET',
] as const satisfies readonly ErrorCode[]

/** A rule of the entity that a record has to meet before anything is written to it, or because of it. */
const RequirementDefinition = z.strictObject({
  filter: FilterText,
  code: z.enum(requirementCodes).default('REQUIREMENT_NOT_MET'),
  /** What the issue says instead of the filter. */
  message: Text.min(1).max(200).optional(),
})
export type RequirementDefinition = z.infer<typeof RequirementDefinition>

/** How one side of a mapping is reached. Names of tables and fields are those of the owning system. */
export const SideDefinition = z.strictObject({
  table: Text.min(1).max(256),
  /** Key fields where the system does not declare them itself. */
  keyFields: z.array(FieldName).min(1).optional(),
  /** Field with the modification time. Left out: the whole table is compared in every run. */
  modifiedField: FieldName.optional(),
  /** Field that changes with every write, where the system has one. */
  versionField: FieldName.optional(),
  /** Field by which other records refer to this one (a currency's code); default: the key. */
  referenceField: FieldName.optional(),
  /** Which records take part, in the filter language. */
  filter: FilterText.optional(),
  /** Records that are left alone although the filter lets them in: read, and counted as ignored. */
  ignore: FilterText.optional(),
  /** Checked in this order, on both records of a pair, before anything is written. */
  require: z.array(RequirementDefinition).min(1).optional(),
})
export type SideDefinition = z.infer<typeof SideDefinition>

/** What happens to a text that is too long for its destination. */
export const tooLongPolicies = ['refuse', 'cut and warn'] as const

/** One row of a mapping (domain.md §2.2). Exactly one of `local` and `remote` may be missing: then `constant` is the source. */
export const FieldMapping = z.strictObject({
  local: FieldName.optional(),
  remote: FieldName.optional(),
  direction: z.enum(directions).default('Bidirectional'),
  enabled: z.boolean().default(true),
  /** Written when the source field is empty or missing; as text, converted to the destination's type. */
  constant: Text.optional(),
  /** Mapping through whose couplings the value is translated. `deferred`: may be filled in later, implies no dependency. */
  reference: z
    .strictObject({
      mapping: MappingName,
      deferred: z.boolean().default(false),
      /** Remote value that stands for an empty local one (the base currency for "no currency code"). */
      remoteWhenLocalBlank: Text.optional(),
      /** Remote value that stands in for a record that is not coupled yet (a fallback owner), instead of waiting. */
      remoteWhenNotCoupled: Text.optional(),
    })
    .optional(),
  /** Local value → remote value, both as text; must be one to one unless the direction is one-way. */
  valueMap: z.record(Text, Text).optional(),
  /** A number below it is sent as this one (a negative price as 0). */
  atLeast: Text.optional(),
  /**
   * Steps from local to remote, and back by their inverses; of a field FromIntegrationTable, from remote to local. A pure
   * function of the value: nothing is written into the source record.
   */
  transform: z.array(TransformStep).min(1).optional(),
  /** Default: that of the mapping. */
  onTooLong: z.enum(tooLongPolicies).optional(),
  /** An empty new value is not transferred (references only). */
  notNull: z.boolean().default(false),
  /** A reference that cannot be resolved becomes empty instead of waiting. */
  clearOnFailedSync: z.boolean().default(false),
  match: z
    .strictObject({
      priority: Whole.min(0).default(0),
      caseSensitive: z.boolean().default(false),
      /** Applied to both sides in this order before they are compared. */
      normalise: z.array(z.enum(normalisers)).min(1).optional(),
    })
    .optional(),
  /** What happens when both sides change the field; default: what the mapping's `updateConflict` says. */
  conflict: z.enum(conflictStrategies).optional(),
  validateLocal: z.boolean().default(true),
  validateRemote: z.boolean().default(false),
  /** Its values are hidden from people and programs that may only view. */
  sensitive: z.boolean().default(false),
  userDefined: z.boolean().default(false),
})
export type FieldMapping = z.infer<typeof FieldMapping>

/** The field that marks a record as archived, and the text of the value it gets. */
const ArchiveField = z.strictObject({ field: FieldName, value: Text })

/** Default values of the records that are created on one side (domain.md §2.1). */
export const Template = z.strictObject({
  name: Text.min(1).max(50),
  /** The side on which the records are created. */
  side: z.enum(['local', 'remote']),
  /** The lowest one whose filter matches is used; of equal ones the first. */
  priority: Whole.min(0).default(0),
  /** On the source record, which is of the other side; left out: matches everything. */
  filter: FilterText.optional(),
  /** Template of the same mapping and side whose values are taken, too, where this one has none. */
  basedOn: Text.min(1).max(50).optional(),
  /** Field: value as text. The fields need not be mapped. */
  values: z.record(FieldName, Text).default({}),
  /** Replaces what the field mappings give; otherwise only fields that no field mapping sets are filled. */
  overwrite: z.boolean().default(false),
})
export type Template = z.infer<typeof Template>

/** A table mapping as a user writes it in a file and as one immutable version in the store (domain.md §2.1). */
export const MappingDefinition = z.strictObject({
  name: MappingName,
  description: Text.max(500).optional(),
  direction: z.enum(directions),
  local: SideDefinition,
  remote: SideDefinition,
  /** Mappings that must be done first; names that do not exist are ignored and shown. */
  dependsOn: z.array(MappingName).default([]),
  /** Scheduled runs never create records while this is true. */
  onlyCoupled: z.boolean().default(true),
  /** Order among independent mappings. */
  position: Whole.min(0).default(1000),
  enabled: z.boolean().default(true),
  /** Allows creation where a lost answer could create a record twice. */
  acceptDuplicateRisk: z.boolean().default(false),
  /** Mappings of one table that may couple the same record give different groups; default: one group per table. */
  exclusivityGroup: Text.min(1).max(100).optional(),
  /** What happens to a field that both sides have changed; a field's own `conflict` goes before it. */
  updateConflict: z.enum(updateConflicts).default('None'),
  /** Who decides about fields that have never agreed; left out: the side of the job that comes first. */
  initialDirection: z.enum(initialDirections).optional(),
  /** How often in a row a field may go back and forth between two values before its record is set aside; 0: always. */
  pingPongLimit: Whole.min(0).default(4),
  deletionConflict: z
    .enum(['None', 'Restore Records', 'Remove Coupling', 'Propagate Deletion', 'Archive', 'Ask'])
    .default('None'),
  /** More deletions than this in one job wait for an approval: of a share of the couplings, or by number. */
  deletionBrake: z
    .strictObject({ share: z.number().min(0).max(1).default(0.2), records: Whole.min(0).default(100) })
    .default({ share: 0.2, records: 100 }),
  /** How often runs of changes compare the keys of both sides, where a system keeps no tombstones; otherwise never. */
  deletionCheck: z.strictObject({ everyHours: Whole.min(1) }).optional(),
  /** What `Archive` writes into the record that is left over, by its side. */
  archive: z.strictObject({ local: ArchiveField.optional(), remote: ArchiveField.optional() }).optional(),
  synchAfterBulkCoupling: z.boolean().default(false),
  createNewInCaseOfNoMatch: z.boolean().default(false),
  multiCompany: z.boolean().default(false),
  disableEventRescheduling: z.boolean().default(false),
  userDefined: z.boolean().default(false),
  /** Records created by this mapping get the values of one template of their side. */
  templates: z.array(Template).default([]),
  /** For texts that are copied; keys, matched and referenced fields are never cut. */
  onTooLong: z.enum(tooLongPolicies).default('refuse'),
  /** What happens when a table is not as it was at the last job: fields gone, changed, new. */
  schemaChanges: z.enum(schemaPolicies).default('warn'),
  schedule: z
    .strictObject({ everyMinutes: Whole.min(1), inactivityMinutes: Whole.min(0).default(0) })
    .optional(),
  fields: z.array(FieldMapping).min(1),
})
export type MappingDefinition = z.infer<typeof MappingDefinition>

/** True when a field mapping takes part in a job of this direction. */
export function appliesTo(
  field: { direction: MappingDirection; enabled: boolean },
  direction: JobDirection,
): boolean {
  if (!field.enabled) return false
  if (field.direction === 'Bidirectional') return true
  return field.direction === (direction === 'to' ? 'ToIntegrationTable' : 'FromIntegrationTable')
}

/** The jobs of one line in the order they run: To first, then From (domain.md §5). */
export function jobDirections(direction: MappingDirection): readonly JobDirection[] {
  if (direction === 'ToIntegrationTable') return ['to']
  if (direction === 'FromIntegrationTable') return ['from']
  return ['to', 'from']
}
