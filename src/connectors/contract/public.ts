/** Everything a connector outside of this package may name: types only, `couplet/connector` in package.json. */
export type { BoundFilter } from '../../core/mapping/filter.ts'
export type { FieldSchema, FieldType, TableSchema } from '../../core/mapping/schema.ts'
export type {
  ChangePage,
  ConnectedTable,
  Connector,
  MatchRequest,
  Page,
  ReadChangesRequest,
  ReadRequest,
  RecordSnapshot,
  SystemClock,
  TableAddress,
  Tombstones,
  WriteOperation,
  WriteRequest,
  WriteResult,
} from '../../core/ports/connector.ts'
export type { RecordKey } from '../../core/values/key.ts'
export type { Value, Values } from '../../core/values/value.ts'
export type { ConnectorContext, ConnectorModule } from './connector-module.ts'
export type { Ability, ContractSetup, ContractSystem, ContractTable } from './harness.ts'
export type { ConnectorKit } from './kit.ts'
export type {
  SimpleSource,
  SourceAnswer,
  SourceRecord,
  SourceValues,
  SourceWrite,
} from './simple-table.ts'
export type { ContractSubject } from './suite.ts'
