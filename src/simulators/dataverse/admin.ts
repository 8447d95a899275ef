import { z } from 'zod'
import type { AdminRecord, AdminSite } from '../kit/admin.ts'
import type { RecordEdit } from '../kit/faults.ts'
import { HttpProblem } from '../kit/http.ts'
import { type JsonObject, type JsonValue, NumberText } from '../kit/json.ts'
import type { Stored } from '../kit/table/row-source.ts'
import { type Caller, rollBack } from './caller.ts'
import { addCustomTable } from './custom-table.ts'
import { type EntityModel, entityModels, findEntity } from './entities/model.ts'
import { type Organization, versionText } from './organization.ts'
import { problems } from './problems.ts'
import { readPage } from './read/page.ts'
import { ids } from './seed-masters.ts'
import { parseChanges } from './write/body.ts'
import { createRecord, deleteRecord, updateRecord } from './write/write.ts'

export interface AdminOptions {
  organization(): Organization
  reset(): void
}

/** The admin interface of Dataverse; tables go by their logical names, values are written as in the Web API. */
export function createAdmin({ organization, reset }: AdminOptions): AdminSite {
  let held: (() => void)[] = []
  const edit = (change: RecordEdit) => editRecord(personIn(organization()), change)
  return {
    tables: () =>
      entityModels.map(({ logicalName }) => {
        const table = organization().table(logicalName)
        return { name: logicalName, records: table.count(), kept: table.kept() }
      }),
    records(name, { filter, after, top }) {
      const model = modelOf(name)
      const cookie = after === null ? null : { key: after, modifiedMs: 0, version: 0 }
      const { records } = readPage(personIn(organization()), model, {
        filter: filter ?? undefined,
        orderBy: undefined,
        aliases: new Map(),
        size: top,
        after: cookie && { ...cookie, page: 1, sortedBy: [], delta: null },
      })
      return records.map((stored) => shown(model, stored))
    },
    record(name, key) {
      const model = modelOf(name)
      const stored = organization().table(model.logicalName).get(key)
      return stored && shown(model, stored)
    },
    edit,
    reset() {
      held = []
      reset()
    },
    extra(name, body) {
      switch (name) {
        case 'hold':
          held.push(
            ...z
              .array(Edit)
              .parse(body)
              .map((change) => holdEdit(organization(), change)),
          )
          return { held: held.length }
        case 'release':
          for (const release of held.splice(0)) release()
          return { held: 0 }
        default:
          return setUp(organization(), name, body)
      }
    },
  }
}

const Edit = z.strictObject({
  action: z.enum(['insert', 'patch']),
  table: z.string(),
  key: z.string().nullable().default(null),
  values: z.record(z.string(), z.unknown()).default({}),
})
const PlugIn = z.strictObject({
  entity: z.string(),
  on: z.enum(['create', 'update', 'both']).default('both'),
  column: z.string(),
  contains: z.string().default(''),
  error: z.string().optional(),
  set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
})
const Denial = z.strictObject({
  entity: z.string(),
  column: z.string().optional(),
  privilege: z.enum(['Read', 'Write', 'Create', 'Delete']),
  where: z
    .strictObject({ column: z.string(), value: z.union([z.string(), z.number(), z.boolean(), z.null()]) })
    .optional(),
})
const Tracking = z.strictObject({ expireDays: z.number().min(0) })

/** `plug-ins`, `rights`, `change-tracking`: what is sent takes the place of what was; nothing sent shows it. */
function setUp(organization: Organization, name: string, body: unknown): unknown {
  switch (name) {
    case 'plug-ins':
      if (body !== null) organization.plugIns.splice(0, Infinity, ...z.array(PlugIn).parse(body))
      return organization.plugIns
    case 'rights':
      if (body !== null) organization.denials.splice(0, Infinity, ...z.array(Denial).parse(body))
      return organization.denials
    case 'custom-tables':
      return addCustomTable(organization, body)
    case 'change-tracking':
      if (body !== null) organization.expireChangeTrackingDays = Tracking.parse(body).expireDays
      return { expireDays: organization.expireChangeTrackingDays }
    default:
      return null
  }
}

function personIn(organization: Organization): Caller {
  return {
    organization,
    userId: ids.integrationUser,
    origin: '',
    isPerson: true,
    bypassesPlugIns: false,
    detectsDuplicates: false,
    undo: [],
    references: new Map(),
  }
}

function editRecord(caller: Caller, change: RecordEdit): AdminRecord | null {
  const model = modelOf(change.table)
  try {
    const stored = carryOut(caller, model, change)
    return stored && shown(model, stored)
  } catch (error) {
    rollBack(caller)
    throw error
  }
}

function carryOut(caller: Caller, model: EntityModel, { action, key, values }: RecordEdit): Stored | null {
  const changes = parseChanges(caller, model, jsonOf(values) as JsonObject)
  if (action === 'insert') return createRecord(caller, model, changes, key)
  const before = caller.organization.table(model.logicalName).get(key ?? '')
  if (!before) throw problems.notFound(model.logicalName, key ?? '')
  if (action === 'patch') return updateRecord(caller, model, before, changes)
  deleteRecord(caller, model, before)
  return null
}

/** An edit by a transaction that stays open: version and time are taken now, the record is seen when it is released. */
function holdEdit(organization: Organization, change: RecordEdit): () => void {
  const caller = personIn(organization)
  const model = modelOf(change.table)
  const stored = carryOut(caller, model, change)
  rollBack(caller)
  return () => {
    if (stored) organization.table(model.logicalName).put(stored)
  }
}

function modelOf(name: string): EntityModel {
  const model = findEntity(name)
  if (!model) throw new HttpProblem(404, '', `There is no table '${name}'.`)
  return model
}

function shown(model: EntityModel, stored: Stored): AdminRecord {
  return {
    ...stored.row,
    [model.key]: stored.key,
    versionnumber: versionText(stored.version),
    createdon: new Date(stored.createdMs).toISOString(),
    modifiedon: new Date(stored.modifiedMs).toISOString(),
  }
}

function jsonOf(value: unknown): JsonValue {
  if (typeof value === 'number') return new NumberText(String(value))
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value !== 'object' || value === null) return value as JsonValue
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, jsonOf(part)]))
}
