/** The Postgres server of the store, as it is set up and as it is used. */
export interface ServerFacts {
  /** As the server calls itself: `16.4 (Debian 16.4-1)`. */
  readonly version: string
  readonly major: number
  readonly isStandby: boolean
  /** ISO, when it was asked. */
  readonly now: string
  readonly databaseBytes: number
  readonly connections: { readonly used: number; readonly most: number }
  /** Age of the oldest transaction in this database, seconds; 0 without one. */
  readonly oldestTransactionSeconds: number
  /** False: a server that crashes may lose what it has said is stored. */
  readonly keepsCommits: boolean
}

/** Work that should have been done by now. */
export interface LateWork {
  /** Requests for single records that are older than an hour. */
  readonly requests: number
  /** Records whose next attempt was due an hour ago, where nothing holds them. */
  readonly attempts: number
  /** Page intents that could have been closed an hour ago. */
  readonly intents: number
  /** Entries of the ledger that found no partition of their month. */
  readonly strayOutcomes: boolean
}

/** What an examination asks the store. */
export interface DoctorStore {
  describeServer(): Promise<ServerFacts>
  findLateWork(): Promise<LateWork>
}
