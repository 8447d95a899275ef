import type { ContractSystem, ContractTable } from '../../../src/connectors/contract/harness.ts'
import { createMemorySystem } from '../../../src/connectors/memory/system.ts'
import { rawOf, type Value, type Values } from '../../../src/core/values/value.ts'

/** A clock that moves on by a millisecond whenever somebody looks at it. */
export function tickingClock() {
  let time = Date.UTC(2024, 4, 1, 8)
  return {
    now: () => {
      time += 1
      return new Date(time)
    },
    monotonicMs: () => time,
  }
}

export async function setUpMemory(settings: { readonly tombstones?: boolean } = {}): Promise<ContractSystem> {
  const system = createMemorySystem({ clock: tickingClock(), ...settings })
  const definitions = new Map<string, ContractTable>()
  return {
    connector: system.connector,
    addTable: async (table) => {
      definitions.set(table.table, table)
      const { normalise, ...definition } = table
      system.addTable({
        ...definition,
        ...(normalise ? { normalise: (values: Values) => normalised(normalise, values) } : {}),
      })
    },
    insert: async (table, ...records) => {
      for (const record of records) system.insert(table, record)
    },
    edit: async (table, key, values) => {
      system.edit(table, key, values)
    },
    remove: async (table, key) => system.remove(table, key),
    begin: async () => {
      const transaction = system.begin()
      return {
        insert: async (table, values) => transaction.insert(table, values),
        commit: async () => transaction.commit(),
      }
    },
    limited: async () => ({
      connector: system.connector,
      hide: async (table, field, value) =>
        system.restrict(table, (values) => rawOf(values[field] ?? null) !== value),
    }),
    close: () => system.connector.close(),
  }
}

function normalised(rules: NonNullable<ContractTable['normalise']>, values: Values): Values {
  const changed: Record<string, Value> = { ...values }
  for (const name of rules.upperCase) {
    const value = changed[name] ?? null
    if (value !== null) changed[name] = `text:${rawOf(value).toUpperCase()}`
  }
  for (const name of rules.wholeNumbers) {
    const value = changed[name] ?? null
    if (value !== null) changed[name] = `dec:${Math.round(Number(rawOf(value)))}`
  }
  return changed
}
