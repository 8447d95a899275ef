import { hash } from 'node:crypto'
import { canonicalText } from '../../lib/canonical-text.ts'
import type { CompiledMapping, CompiledSide } from '../mapping/compile.ts'
import type { ConnectionRecord, Pair } from '../ports/mapping-store.ts'

/**
 * Fingerprint of what surrounds a mapping: connections, companies, the mapped fields as both systems declare them, and
 * users' own functions. A field that was made longer, a corrected function or another server gives another one; statistics
 * and fields nobody maps do not.
 */
export function configurationOf(mapping: CompiledMapping, pair: Pair): string {
  const around = [
    describeSide(mapping.local, pair.localConnection, pair.localCompany),
    describeSide(mapping.remote, pair.remoteConnection, pair.remoteCompany),
    mapping.functions,
  ]
  return hash('sha1', canonicalText(around), 'base64')
}

function describeSide({ schema, read }: CompiledSide, connection: ConnectionRecord, company: string): object {
  const { kind, settings } = connection
  const { keyFields, creation } = schema
  const fields = [...read].sort().map((name) => schema.fields.get(name))
  return { kind, settings, company, keyFields, creation, fields }
}
