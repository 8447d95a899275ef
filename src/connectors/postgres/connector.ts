import type { ChangeGuarantees, Connector, SystemClock } from '../../core/ports/connector.ts'
import { readTableNames } from './catalog.ts'
import { createChangeLine } from './change-line.ts'
import { ReceiptTable } from './receipts.ts'
import { Session } from './session.ts'
import { openTable } from './table.ts'
import { blindReasonsSql } from './watermark.ts'

/** A line that is cut is noticed within twice this time. */
const LINE_BEAT_MS = 15_000

export interface PostgresConnectorSettings {
  readonly name: string
  readonly url: string
  /** The variable or setting that holds the url, for messages. */
  readonly urlSource: string
  /** Schema in which unqualified tables are looked up, and which holds the receipts. */
  readonly schema: string
  readonly poolSize: number
  /** Allows the table `couplet_receipt` for tables that make their own keys. */
  readonly receipts: boolean
  /** How far before the safe time changes are read again: covers clocks of applications that run behind. */
  readonly overlapMs?: number
  /** The same where open transactions cannot be known for sure (`describeGuarantees`). */
  readonly fallbackOverlapMs?: number
  /** Longest time a write that was sent can take effect; the server enforces it. */
  readonly maxServerRunMs?: number
}

export interface PostgresConnector extends Connector {
  describeGuarantees(signal: AbortSignal): Promise<ChangeGuarantees>
}

/** A connector for the tables and views of one PostgreSQL database (14 or later). Connects when it is first used. */
export function createPostgresConnector(settings: PostgresConnectorSettings): PostgresConnector {
  const { name, schema } = settings
  const maxServerRunMs = settings.maxServerRunMs ?? 40_000
  const session = new Session({ ...settings, maxServerRunMs })
  const tableSettings = {
    session,
    searchSchema: schema,
    receipts: settings.receipts ? new ReceiptTable(session, schema) : null,
    overlap: {
      exactMs: settings.overlapMs ?? 2_000,
      blindMs: Math.max(settings.overlapMs ?? 2_000, settings.fallbackOverlapMs ?? 300_000),
    },
    maxServerRunMs,
  }
  return {
    name,
    changeLine: createChangeLine({ session, url: settings.url, searchSchema: schema, beatMs: LINE_BEAT_MS }),
    check: async (signal) => {
      await session.rows('SELECT 1', [], signal)
    },
    listTables: (signal) => readTableNames(session, schema, signal),
    openTable: (address, signal) => openTable(tableSettings, address, signal),
    readClock: (signal) => readClock(session, tableSettings.overlap.exactMs, signal),
    describeGuarantees: (signal) => describeGuarantees(session, signal),
    close: () => session.close(),
  }
}

async function readClock(session: Session, overlapMs: number, signal: AbortSignal): Promise<SystemClock> {
  const [row] = await session.rows('SELECT extract(epoch FROM clock_timestamp()) * 1000', [], signal)
  return { atMs: Number(row?.[0]), precisionMs: 0, overlapMs }
}

async function describeGuarantees(session: Session, signal: AbortSignal): Promise<ChangeGuarantees> {
  const [row] = await session.rows(blindReasonsSql, [], signal)
  const texts = [
    `user ${session.facts.user} is not a member of pg_read_all_stats and cannot see how long other transactions are open`,
    'there are prepared transactions, whose begin is unknown',
    'the server is a standby and does not know the transactions of its primary',
  ]
  const reasons = texts.filter((_, index) => row?.[index] === 't')
  return { isExact: reasons.length === 0, reasons }
}
