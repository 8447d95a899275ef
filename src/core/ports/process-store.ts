import type { JobName } from '../jobs/catalog.ts'

/** What a process of Couplet is for; one may be several. */
export const processRoles = ['worker', 'scheduler', 'api'] as const
export type ProcessRole = (typeof processRoles)[number]

/** `quiet`: finishes what it has begun and takes nothing new. `stopping`: leaves as soon as its pages are committed. */
export const processStates = ['working', 'quiet', 'stopping'] as const
export type ProcessState = (typeof processStates)[number]

/** A queue job that a process is working on. */
export interface WorkAtHand {
  readonly kind: JobName
  /** Null for a slot of a schedule and a bulk operation, and a line for the lines of a run alone. */
  readonly runId: number | null
  readonly lineId: number | null
  /** Of a bulk operation; null otherwise. */
  readonly operationId: number | null
  /** ISO, by the clock of the process. */
  readonly since: string
}

/** What a process says of itself with each sign of life. */
export interface ProcessReport {
  /** Unlike every other process's, and new with every start. */
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly roles: readonly ProcessRole[]
  /** Queue jobs it takes at once, by queue. */
  readonly concurrency: Readonly<Record<string, number>>
  readonly state: ProcessState
  /** It is the scheduler that sweeps; the others stand by. */
  readonly isLeader: boolean
  readonly work: readonly WorkAtHand[]
  readonly memoryMb: number
  /** Longest time its event loop was busy with one thing since the last report. */
  readonly delayMs: number
  /** ISO, the clock of the process when it said so. */
  readonly now: string
}

export interface KnownProcess extends Omit<ProcessReport, 'now'> {
  readonly startedAt: string
  /** By the clock of the database. */
  readonly seenMsAgo: number
  /** Its clock against that of the database at the last sign of life, less the way there; negative: behind. */
  readonly clockAheadMs: number
  /** Somebody wants it to take nothing new. */
  readonly isToBeQuiet: boolean
}

/** Without a sign of life for so long a process is taken for dead, frozen, or cut off. */
const SILENT_AFTER_MS = 15_000

export function isSilent({ seenMsAgo }: Pick<KnownProcess, 'seenMsAgo'>): boolean {
  return seenMsAgo > SILENT_AFTER_MS
}

/** Alive, and to go on: neither quiet nor leaving, nor asked to be. */
export function takesWork(process: Pick<KnownProcess, 'seenMsAgo' | 'state' | 'isToBeQuiet'>): boolean {
  return !isSilent(process) && process.state === 'working' && !process.isToBeQuiet
}

/** What says whether a process takes jobs. */
export type Taker = Pick<KnownProcess, 'concurrency' | 'seenMsAgo' | 'state' | 'isToBeQuiet'>

/** Those that take jobs from a queue now. */
export function takersOf(processes: readonly Taker[], queue: string): readonly Taker[] {
  return processes.filter((each) => takesWork(each) && (each.concurrency[queue] ?? 0) > 0)
}

export interface ProcessStore {
  /** A sign of life; makes the process known when it is the first one. Tells whether it is to take nothing new. */
  report(report: ProcessReport): Promise<{ readonly isToBeQuiet: boolean }>
  /** An orderly end: the process is not known any more. */
  forget(id: string): Promise<void>
  /** By host and start. */
  listProcesses(): Promise<readonly KnownProcess[]>
  /** Says whether these processes are to take nothing new, with an entry in the audit log; returns those that are known. */
  setQuiet(
    ids: readonly string[],
    isToBeQuiet: boolean,
    audit: { readonly by: string; readonly reason: string | null },
  ): Promise<readonly string[]>
}
