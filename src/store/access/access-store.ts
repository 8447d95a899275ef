import type { Pool } from 'pg'
import type { AccessStore } from '../../core/ports/access-store.ts'
import type { Executor } from '../database.ts'
import { changeAccount, createAccount, findAccount, listAccounts, removeAccount } from './accounts.ts'
import {
  createApiKey,
  hasApiKeys,
  listApiKeys,
  prepareFindApiKey,
  revokeApiKey,
  touchApiKey,
} from './api-keys.ts'
import { createAttempts } from './attempts.ts'
import { findChainCut, findChainEnd, listAudit, listChain } from './audit-log.ts'
import { endSessions, listSessions } from './open-sessions.ts'
import { replaceSecrets } from './secrets.ts'
import { beginSignIn, endSession, openSession, takeSignIn, useSession } from './sessions.ts'

export function createAccessStore(db: Executor, pool: Pool): AccessStore {
  const attempts = createAttempts(pool)
  return {
    createApiKey: (key, audit) => createApiKey(db, key, audit),
    hasApiKeys: () => hasApiKeys(db),
    listApiKeys: () => listApiKeys(db),
    findApiKey: prepareFindApiKey(db),
    touchApiKey: (name) => touchApiKey(db, name),
    revokeApiKey: (name, audit) => revokeApiKey(db, name, audit),
    createAccount: (account, audit) => createAccount(db, account, audit),
    findAccount: (name) => findAccount(db, name),
    listAccounts: () => listAccounts(db),
    changeAccount: (name, change, audit) => changeAccount(db, name, change, audit),
    removeAccount: (name, audit) => removeAccount(db, name, audit),
    openSession: (session) => openSession(db, session),
    useSession: (id, idleMs) => useSession(db, id, idleMs),
    endSession: (id) => endSession(db, id),
    listSessions: (idleMs) => listSessions(db, idleMs),
    endSessions: (which, audit) => endSessions(db, which, audit),
    beginSignIn: (attempt) => beginSignIn(db, attempt),
    takeSignIn: (id) => takeSignIn(db, id),
    countAttempt: (name, limit, windowMs) => attempts.count(name, limit, windowMs),
    takeBackAttempt: (name, limit, windowMs) => attempts.takeBack(name, limit, windowMs),
    forgetAttempts: (name) => attempts.forget(name),
    replaceSecrets: (before, settings, audit) => replaceSecrets(db, before, settings, audit),
    listAudit: (query) => listAudit(db, query),
    findChainEnd: () => findChainEnd(db),
    findChainCut: () => findChainCut(db),
    listChain: (after, limit) => listChain(db, after, limit),
  }
}
