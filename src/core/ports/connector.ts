import type { Normaliser } from '../coupling/normalise.ts'
import type { Problem } from '../errors.ts'
import type { BoundFilter } from '../mapping/filter.ts'
import type { TableSchema } from '../mapping/schema.ts'
import type { RecordKey } from '../values/key.ts'
import type { Value, Values } from '../values/value.ts'

/** One record as its system gave it: only the requested fields, all of them. */
export interface RecordSnapshot {
  readonly key: RecordKey
  /** Compared for equality only; changes with every change of the record. */
  readonly version: string
  /** Raw `instant` or `moment` text of the modified field, or null where the table has none. */
  readonly modifiedAt: string | null
  /** May be computed when first asked for, so a snapshot is passed on as it is, never spread into another object. */
  readonly values: Values
}

/** How a mapping side addresses a table; the optional names override what the system itself declares. */
export interface TableAddress {
  readonly table: string
  readonly keyFields?: readonly string[] | undefined
  readonly modifiedField?: string | undefined
  readonly versionField?: string | undefined
  /** Records may be created although nothing guards against doing it twice (`creation: unsafe`). */
  readonly acceptDuplicateRisk?: boolean | undefined
}

export interface ReadRequest {
  readonly fields: readonly string[]
  readonly filter: BoundFilter | null
  /** Where the last page ended, as that page gave it; null for the first page. */
  readonly cursor: string | null
  readonly limit: number
  readonly signal: AbortSignal
}

export interface ReadChangesRequest extends ReadRequest {
  /** Everything that became visible after this watermark was taken is read; null reads everything. */
  readonly watermark: string | null
}

export interface Page {
  readonly records: readonly RecordSnapshot[]
  /** Cursor of the next page, or null when the pass is complete. */
  readonly next: string | null
}

export interface ChangePage extends Page {
  /** May be saved once this page is committed: no change that this pass has not returned yet lies before it. */
  readonly watermark: string
}

export interface MatchRequest {
  readonly fields: readonly string[]
  readonly filter: BoundFilter | null
  readonly matchFields: readonly {
    readonly field: string
    readonly caseSensitive: boolean
    /** Applied to the field before it is compared; the candidates' values have been normalised already. */
    readonly normalise?: readonly Normaliser[]
  }[]
  /** One list of values per candidate, in the order of `matchFields`; never null, never blank. */
  readonly candidates: readonly (readonly NonNullable<Value>[])[]
  /** At most this many records per candidate. */
  readonly limitPerCandidate: number
  readonly signal: AbortSignal
}

export type WriteOperation =
  | {
      readonly kind: 'insert'
      /**
       * Same token = same creation, however often it is sent: at most one record exists for it. Not where the table is only
       * `recognisable`: there the caller sends it again only when he knows that it was not carried out.
       */
      readonly token: string
      /** Given for `creation: given`, null otherwise. */
      readonly key: RecordKey | null
      /** Includes the key fields when the key is given. */
      readonly values: Values
    }
  | {
      readonly kind: 'update'
      readonly key: RecordKey
      /** Written only while the record still has this version. */
      readonly expectedVersion: string
      readonly values: Values
    }
  | {
      readonly kind: 'delete'
      readonly key: RecordKey
      /** Deleted only while the record still has this version. */
      readonly expectedVersion: string
    }

export type WriteResult =
  /** `record` is the record after the write, as the system answers it, with the fields asked for. */
  | { readonly status: 'written'; readonly record: RecordSnapshot }
  /** An insert found its key or its receipt in place: nothing written; `record` is what is there. */
  | { readonly status: 'exists'; readonly record: RecordSnapshot }
  | { readonly status: 'deleted' }
  | { readonly status: 'version-mismatch' }
  /** Somebody else keeps the record, or one it depends on, locked for longer than a write waits. */
  | { readonly status: 'locked' }
  /** There is no such record: for a delete this is as good as done. */
  | { readonly status: 'missing' }
  | { readonly status: 'rejected'; readonly problem: Problem }

export interface WriteRequest {
  readonly operations: readonly WriteOperation[]
  /** Fields that `record` in the results must carry. */
  readonly returning: readonly string[]
  /** Asked right before each request leaves; throws LEASE_LOST when the writer may not write any more. */
  readonly assertMaySend: () => void
  readonly signal: AbortSignal
}

export interface DeletionPage {
  /** Keys of records that have been deleted; a record that exists again since may be among them. */
  readonly keys: readonly RecordKey[]
  /** Cursor of the next page, or null when nothing more is known. */
  readonly next: string | null
  /** May be saved once this page is worked off: the tombstones not returned yet lie behind it. */
  readonly mark: string
}

/** What a system remembers of the records that were deleted from one table. */
export interface Tombstones {
  /** A mark behind which every later deletion will stand. */
  takeMark(signal: AbortSignal): Promise<string>
  /**
   * Deletions since the mark, oldest first; none is left out, some may come again. Null: the system does not remember as
   * far back, so the keys of both sides have to be compared.
   */
  read(request: {
    readonly mark: string
    readonly cursor: string | null
    readonly limit: number
    readonly signal: AbortSignal
  }): Promise<DeletionPage | null>
}

/** One table of a connected system, its schema read. Every method is a constant number of requests per page. */
export interface ConnectedTable {
  readonly schema: TableSchema
  /** Null where the system keeps none: a deletion then shows only by the absence of the key. */
  readonly tombstones: Tombstones | null
  /** A watermark such that `readChanges` from it returns every change that is not yet visible now. */
  takeWatermark(signal: AbortSignal): Promise<string>
  /** Records changed after the watermark, oldest change first. Records may come again (overlap); none is left out. */
  readChanges(request: ReadChangesRequest): Promise<ChangePage>
  /** All records that pass the filter, in a stable order by key. */
  readAll(request: ReadRequest): Promise<Page>
  /** The records that exist, filter not applied; a key that is not in the answer does not exist. */
  readByKeys(
    keys: readonly RecordKey[],
    fields: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<RecordKey, RecordSnapshot>>
  /** Per candidate the records whose match fields are all equal to its values, in no particular order. */
  findByMatch(request: MatchRequest): Promise<readonly (readonly RecordSnapshot[])[]>
  /**
   * Fingerprint of everything that decides which records of the table this connection may see: who it is, its roles, row
   * policies, company, the definition of a view. It differs after a change that could hide records; opaque, for equality
   * only. What such rules read from other tables is not part of it.
   */
  readAccess(signal: AbortSignal): Promise<string>
  /** Keys of all records in a stable order, filter not applied. */
  listKeys(request: {
    cursor: string | null
    limit: number
    signal: AbortSignal
  }): Promise<{ keys: readonly RecordKey[]; next: string | null }>
  /**
   * Keys of the records that were created with these tokens, as far as receipts tell; one may have been deleted since. Absent
   * where no receipts are kept.
   */
  findCreated?(tokens: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, RecordKey>>
  /** One result per operation, in order. A bad record never harms the others; throws only when the whole request failed. */
  write(request: WriteRequest): Promise<readonly WriteResult[]>
}

/** Changes that a system announces by itself, to an address of ours. Hints to look, never the data; some never come. */
export interface Announcements {
  /**
   * Sees to it that changes of these tables are announced, as far as the system can. Returns the tables whose announcements
   * begin now, because they are new or had stopped: what happened there meanwhile was announced to nobody.
   */
  keep(tables: readonly string[], signal: AbortSignal): Promise<readonly string[]>
  /** The tables that a message names. Throws NOTICE_REFUSED where any part of it does not prove who has sent it. */
  tablesOf(message: unknown): readonly string[]
}

/** Whether changes of a table are told of: `impossible` for one whose system cannot (a view). */
export interface AnnouncedTable {
  readonly table: string
  readonly state: 'announced' | 'silent' | 'impossible'
}

/** A line that is kept open, on which a system tells that tables have changed. Hints to look, never the data. */
export interface ChangeLine {
  /**
   * Listens until the signal is aborted; throws when the line breaks. `onChange` gets the name of a table as the system calls it,
   * and first of all null: from now on it is told, and whatever changed before was told to nobody.
   */
  listen(onChange: (table: string | null) => void, signal: AbortSignal): Promise<void>
  /** What the system may call the table that a mapping names. */
  namesOf(table: string): readonly string[]
  findAnnounced(tables: readonly string[], signal: AbortSignal): Promise<readonly AnnouncedTable[]>
  /** Statements that make the system tell of these tables, for a person to run or for `apply`; harmless when repeated. */
  describeSetUp(tables: readonly string[], signal: AbortSignal): Promise<readonly string[]>
  describeRemoval(): readonly string[]
  /** What programs that write to this system may fail with once it tells; in words. */
  findHazards(signal: AbortSignal): Promise<readonly string[]>
  /** Runs such statements as the user of the connection. */
  apply(statements: readonly string[], signal: AbortSignal): Promise<void>
}

/** Why changes may be found late by a modified time alone; nothing lost as long as the whole table is compared now and then. */
export interface ChangeGuarantees {
  readonly isExact: boolean
  readonly reasons: readonly string[]
}

/** What a system says of its clock. */
export interface SystemClock {
  /** Milliseconds since 1970, cut down to the precision. */
  readonly atMs: number
  readonly precisionMs: number
  /** How far before its last change a table is read again. */
  readonly overlapMs: number
}

/** A connected system. Throws SyncError for everything that concerns the connection, never for one record. */
export interface Connector {
  /** Name of the connection, for messages. */
  readonly name: string
  /** Absent, or null, where the system announces nothing, or nobody has said to which address. */
  readonly announcements?: Announcements | null
  /** Absent where the system has none. */
  readonly changeLine?: ChangeLine
  /** Connects once; the error names the variable, the host and the remedy. */
  check(signal: AbortSignal): Promise<void>
  /** Absent where the system's times of modification can be trusted as they are. */
  describeGuarantees?(signal: AbortSignal): Promise<ChangeGuarantees>
  /** Asked for by one quick request; null: the system does not tell its time. Absent where times of the system decide nothing. */
  readClock?(signal: AbortSignal): Promise<SystemClock | null>
  listTables(signal: AbortSignal): Promise<readonly string[]>
  /** Reads the schema; throws TABLE_NOT_FOUND, FIELD_NOT_FOUND (an overriding name), KEY_NOT_FOUND. */
  openTable(address: TableAddress, signal: AbortSignal): Promise<ConnectedTable>
  close(): Promise<void>
}
