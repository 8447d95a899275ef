import { creationToken, derivedKey } from '../../core/coupling/identity.ts'
import { nextGeneration } from '../../core/coupling/uncoupling.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { WriteOperation } from '../../core/ports/connector.ts'
import { decodeKey, encodeKey, type RecordKey } from '../../core/values/key.ts'
import type { Value, Values } from '../../core/values/value.ts'
import type { LineSession } from '../line/session.ts'
import type { WritePlan } from './decide.ts'

export type PlannedOperation = Exclude<WriteOperation, { kind: 'delete' }>

/** The request that carries a plan out: an update of the version that was read, or a creation with its token and key. */
export function toOperation(session: LineSession, side: Side, { record, plan }: WritePlan): PlannedOperation {
  if (plan.action === 'modify') {
    return {
      kind: 'update',
      key: plan.partner.key,
      expectedVersion: plan.partner.version,
      values: plan.values,
    }
  }
  const { coupling, memory } = record.facts
  const token = tokenFor(session, side, record.item.key, coupling?.generation ?? nextGeneration(memory))
  const key = newKey(session, side, token, plan.values)
  return {
    kind: 'insert',
    token,
    key,
    values: key === null ? plan.values : withKey(session, side, key, plan.values),
  }
}

/** Identity of the counterpart that a record gets in this generation. */
export function tokenFor(session: LineSession, side: Side, sourceKey: RecordKey, generation: number): string {
  const { pairId, id: mappingId } = session.mapping
  return creationToken({ pairId, mappingId, side, sourceKey, generation })
}

function newKey(session: LineSession, side: Side, token: string, values: Values): RecordKey | null {
  const strategy = session.mapping.keyStrategy[side]
  if (strategy === 'derived-uuid') return derivedKey(token)
  return strategy === 'mapped-key' ? mappedKey(session, side, values) : null
}

function mappedKey(session: LineSession, side: Side, values: Values): RecordKey | null {
  const parts = session.mapping[side].schema.keyFields.map((field) => values[field] ?? null)
  return parts.includes(null) ? null : encodeKey(parts)
}

function withKey(session: LineSession, side: Side, key: RecordKey, values: Values): Values {
  const all: Record<string, Value> = { ...values }
  const parts = decodeKey(key)
  session.mapping[side].schema.keyFields.forEach((field, index) => {
    all[field] = parts[index] ?? null
  })
  return all
}

/** The key a mapped field gives to the destination's record: a new record its first, a coupled one another; else null. */
export function plannedKey(session: LineSession, side: Side, { plan }: WritePlan): RecordKey | null {
  if (plan.action === 'insert')
    return session.mapping.keyStrategy[side] === 'mapped-key' ? mappedKey(session, side, plan.values) : null
  const { keyFields } = session.mapping[side].schema
  if (!keyFields.some((field) => plan.values[field] !== undefined)) return null
  const now = decodeKey(plan.partner.key)
  const parts = keyFields.map((field, index) => plan.values[field] ?? now[index] ?? null)
  const key = encodeKey(parts)
  return key === plan.partner.key ? null : key
}

/** Fields of the business key that a plan gives another value than a creation was sent with. */
export function changesBusinessKey(
  session: LineSession,
  side: Side,
  { plan }: WritePlan,
  sent: Values,
): boolean {
  if (session.mapping.keyStrategy[side] !== 'business-key') return false
  const { businessKey = [] } = session.mapping[side].schema
  return businessKey.some((field) => plan.values[field] !== undefined && plan.values[field] !== sent[field])
}
