import type { ApiKey, KeyScope } from '../access/api-key.ts'
import type { ChainEnd, ChainLink } from '../access/audit-chain.ts'
import type { AuditEntry, AuditFilter, StoredAuditEntry } from '../access/audit-entry.ts'
import type { PrincipalKind } from '../access/principal.ts'
import type { Role } from '../access/role.ts'
import type { ConnectionRecord } from './mapping-store.ts'

/** Somebody who signs in with a password of ours. Times are ISO 8601 in UTC. */
export interface Account {
  readonly id: number
  readonly name: string
  readonly role: Role
  readonly createdAt: string
}

/** A person who has signed in with a browser. */
export interface Person {
  readonly kind: Exclude<PrincipalKind, 'key'>
  readonly name: string
}

/** A session of a person, and until when it lasts at most. */
export interface Session extends Person {
  readonly role: Role
  readonly expiresAt: string
}

/** A session as it is shown to who administers; its id opens nothing. */
export interface OpenSession extends Session {
  readonly id: string
  readonly createdAt: string
  /** To the minute. */
  readonly lastSeenAt: string
}

/** What must come back from the identity provider for one sign-in. */
export interface SignInAttempt {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export type NewApiKey = Pick<ApiKey, 'name' | 'role' | 'expiresAt'> & KeyScope & { readonly hash: string }

/** Who may do what, and who did. Whatever changes something writes its entry of the audit log in the same transaction. */
export interface AccessStore {
  /** Stores the hash unless there is a key of that name that is not revoked: of several processes exactly one gets true. */
  createApiKey(key: NewApiKey, audit: Pick<AuditEntry, 'actor' | 'reason'>): Promise<boolean>
  /** Also when all of them are revoked. */
  hasApiKeys(): Promise<boolean>
  listApiKeys(): Promise<readonly ApiKey[]>
  /** The key, valid or not, by its hash; null: nobody has it. */
  findApiKey(hash: string): Promise<ApiKey | null>
  /** Notes that the key was used, at most once a minute: many requests are one write. */
  touchApiKey(name: string): Promise<void>
  /** False: there is no such key, or it is revoked. */
  revokeApiKey(name: string, audit: Pick<AuditEntry, 'actor' | 'reason'>): Promise<boolean>

  /** False: there is an account of that name. `password` is a hash. */
  createAccount(
    account: Pick<Account, 'name' | 'role'> & { readonly password: string },
    audit: Pick<AuditEntry, 'actor' | 'reason'>,
  ): Promise<boolean>
  findAccount(name: string): Promise<(Account & { readonly password: string }) | null>
  listAccounts(): Promise<readonly Account[]>
  /** Changes role or password hash and ends all sessions of the account; false: there is none. */
  changeAccount(
    name: string,
    change: { readonly role?: Role; readonly password?: string },
    audit: Pick<AuditEntry, 'actor' | 'reason'>,
  ): Promise<boolean>
  /** With its sessions; false: there is none. */
  removeAccount(name: string, audit: Pick<AuditEntry, 'actor' | 'reason'>): Promise<boolean>

  /** `id` is the hash of what the browser keeps. With an account the role is always that of the account. */
  openSession(session: {
    readonly id: string
    readonly userName: string
    readonly accountId: number | null
    readonly role: Role | null
    readonly expiresInMs: number
  }): Promise<void>
  /** Null once it has ended, or has not been used for `idleMs`; notes its use at most once a minute. */
  useSession(id: string, idleMs: number): Promise<Session | null>
  endSession(id: string): Promise<boolean>
  /** Those that have not ended, and were used within `idleMs`; by name, the newest first. */
  listSessions(idleMs: number): Promise<readonly OpenSession[]>
  /** Ends one session by its id, or all of a person; gives how many. */
  endSessions(
    which: Person | { readonly id: string },
    audit: Pick<AuditEntry, 'actor' | 'reason'>,
  ): Promise<number>

  beginSignIn(attempt: SignInAttempt & { readonly id: string; readonly expiresInMs: number }): Promise<void>
  /** Each attempt is given once. */
  takeSignIn(id: string): Promise<SignInAttempt | null>

  /** Counts an attempt, over all processes; how long to wait when there were `limit` in the last `windowMs`, else null. */
  countAttempt(name: string, limit: number, windowMs: number): Promise<number | null>
  /** Takes one counted attempt back; limit and window as when it was counted. */
  takeBackAttempt(name: string, limit: number, windowMs: number): Promise<void>
  forgetAttempts(name: string): Promise<void>

  /** Puts settings with secrets that are sealed anew in the place of exactly these; false: they were changed meanwhile. */
  replaceSecrets(
    connection: ConnectionRecord,
    settings: Readonly<Record<string, string>>,
    audit: Pick<AuditEntry, 'actor' | 'reason'> & { readonly names: readonly string[] },
  ): Promise<boolean>

  /** Newest first; `before` is an id for the next page. */
  listAudit(
    query: AuditFilter & { readonly limit: number; readonly before: number | null },
  ): Promise<readonly StoredAuditEntry[]>
  /** Where the audit log is said to end. */
  findChainEnd(): Promise<ChainEnd>
  /** The last entry that retention has removed, as it says itself; null where it has removed none. */
  findChainCut(): Promise<ChainEnd | null>
  /** Entries behind a number, in order, as the chain sees them. */
  listChain(after: number, limit: number): Promise<readonly ChainLink[]>
}
