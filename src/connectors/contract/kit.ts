import { isMatch } from '../../core/coupling/is-match.ts'
import { normaliseMatch } from '../../core/coupling/normalise.ts'
import { problem, SyncError } from '../../core/errors.ts'
import { assertFields } from '../../core/mapping/assert-fields.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import { compareValues } from '../../core/values/compare.ts'
import { parseLiteral } from '../../core/values/convert.ts'
import { decodeKey, encodeKey } from '../../core/values/key.ts'
import { displayValue, rawOf, tagOf } from '../../core/values/value.ts'
import { addressTable } from './address-table.ts'
import { simpleTable } from './simple-table.ts'

/**
 * What a connector outside of this package works with. It is handed over rather than imported: so there is one
 * `SyncError` in the process, whatever has loaded the connector.
 */
export const connectorKit = {
  SyncError,
  problem,
  simpleTable,
  addressTable,
  assertFields,
  encodeKey,
  decodeKey,
  parseLiteral,
  rawOf,
  tagOf,
  displayValue,
  compareValues,
  matchesFilter,
  isMatch,
  normaliseMatch,
} as const

export type ConnectorKit = typeof connectorKit
