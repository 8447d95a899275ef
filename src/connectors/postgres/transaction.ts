import type pg from 'pg'
import { SyncError } from '../../core/errors.ts'
import { countRequest } from '../../lib/request-meter.ts'
import { type ConnectionFacts, stoppedError } from './connection-errors.ts'
import { type Query, queryRows } from './rows.ts'

/** Decides whether a writer may still write; throws when it may not. */
export interface WriteGuard {
  readonly assertMaySend: () => void
  readonly signal: AbortSignal
}

/** One open transaction. Data errors leave it as the driver gives them: the caller decides which record they belong to. */
export interface Transaction {
  /** A statement that writes: the guard is asked right before it leaves. */
  readonly send: Query
  /** A statement that only reads. */
  readonly read: Query
  /** SAVEPOINT and its relatives. */
  readonly control: (sql: string) => Promise<void>
}

interface OpenTransaction extends Transaction {
  commit(): Promise<void>
  /** False when the connection is of no use any more. */
  rollback(): Promise<boolean>
}

/** A person's transaction on a row takes less; one that takes longer must not hold up a page. */
const LOCK_TIMEOUT_MS = 10_000

/** A quarter of the time is for pauses between statements, the rest for one statement, COMMIT included. */
function beginStatement(maxServerRunMs: number): string {
  const pauseMs = Math.ceil(maxServerRunMs / 4)
  const statementMs = Math.max(1, maxServerRunMs - pauseMs)
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
    `SET LOCAL idle_in_transaction_session_timeout = ${pauseMs}`,
    `SET LOCAL statement_timeout = ${statementMs}`,
    `SET LOCAL lock_timeout = ${Math.max(1, Math.min(LOCK_TIMEOUT_MS, Math.floor(statementMs / 2)))}`,
    // A constraint checked only at COMMIT would fail the whole page instead of its record.
    'SET CONSTRAINTS ALL IMMEDIATE',
  ].join(';')
}

export async function openTransaction(
  client: pg.ClientBase,
  guard: WriteGuard,
  facts: ConnectionFacts,
  maxServerRunMs: number,
): Promise<OpenTransaction> {
  countRequest()
  await client.query(beginStatement(maxServerRunMs))
  const read: Query = async (sql, parameters) => {
    if (guard.signal.aborted) throw stoppedError(facts)
    return queryRows(client, sql, parameters)
  }
  return {
    read,
    send: async (sql, parameters) => {
      guard.assertMaySend()
      return read(sql, parameters)
    },
    control: async (sql) => {
      countRequest()
      await client.query(sql)
    },
    commit: async () => {
      guard.assertMaySend()
      countRequest()
      const answer = await client.query('COMMIT')
      // The server answers ROLLBACK, without an error, when the transaction had failed before.
      if (answer.command !== 'COMMIT')
        throw new SyncError('INTERNAL', `Connection ${facts.name}: the transaction had failed`)
    },
    rollback: () =>
      client.query('ROLLBACK').then(
        () => true,
        () => false,
      ),
  }
}
