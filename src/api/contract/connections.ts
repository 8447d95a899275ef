import { z } from 'zod'
import { Id } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { ConnectionName, Reason, text } from './inputs.ts'

const tag = 'connections'

/** How one system is reached. Of a secret that is stored sealed it says `sealed`; others are referred to. */
const Connection = z
  .object({ id: Id, name: z.string(), kind: z.string(), settings: z.record(z.string(), z.string()) })
  .meta({ id: 'Connection' })

export const listConnections = endpoint({
  name: 'listConnections',
  method: 'GET',
  path: '/connections',
  role: 'view',
  tag,
  summary: 'Connections to business systems, without their secrets',
  status: 200,
  answer: z.object({ connections: z.array(Connection) }),
})

const ByName = z.strictObject({ name: ConnectionName })
const Settings = z.record(text(100), z.string().max(10_000))

export const putConnection = endpoint({
  name: 'putConnection',
  method: 'PUT',
  path: '/connections/:name',
  role: 'administer',
  tag,
  summary:
    'Store a connection, or change it, once the system has answered; secrets as references, `sealed` for what is stored, or in `secrets` to be sealed; dryRun only tries it',
  params: ByName,
  body: z.strictObject({
    kind: text(50),
    settings: Settings.default({}),
    /** In clear text; stored sealed, and never answered. */
    secrets: Settings.default({}),
    reason: Reason.optional(),
    dryRun: z.boolean().default(false),
  }),
  status: 200,
  answer: z.object({ connection: Connection.omit({ id: true }), stored: z.boolean() }),
})

const Check = z.object({
  step: z.string(),
  detail: z.string(),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
})

const TableName = text(256)

export const testConnection = endpoint({
  name: 'testConnection',
  method: 'POST',
  path: '/connections/:name/test',
  role: 'configure',
  tag,
  summary:
    'Try a connection step by step, with the tables that are mapped or one that is named; writes nothing',
  params: ByName,
  body: z.strictObject({
    table: TableName.optional(),
    fields: z.array(text(128)).min(1).max(1_000).optional(),
  }),
  status: 200,
  answer: z.object({ good: z.boolean(), checks: z.array(Check) }),
})

export const listTables = endpoint({
  name: 'listTables',
  method: 'GET',
  path: '/connections/:name/tables',
  role: 'configure',
  tag,
  summary: 'Names of the tables of a system',
  params: ByName,
  status: 200,
  answer: z.object({ tables: z.array(z.string()) }),
})

export const describeTable = endpoint({
  name: 'describeTable',
  method: 'GET',
  path: '/connections/:name/tables/:table',
  role: 'configure',
  tag,
  summary: 'The fields of one table',
  params: z.strictObject({ name: ConnectionName, table: TableName }),
  status: 200,
  answer: z.object({
    table: z.string(),
    keyFields: z.array(z.string()),
    modifiedField: z.string().nullable(),
    fields: z.array(
      z.object({
        name: z.string(),
        type: z.string().meta({ description: 'In words: text of 30, decimal, option' }),
        nullable: z.boolean(),
        writable: z.boolean(),
        hasDefault: z.boolean(),
      }),
    ),
    /** Fields that cannot be mapped, with the type their system gives them. */
    unsupportedFields: z.record(z.string(), z.string()),
  }),
})
