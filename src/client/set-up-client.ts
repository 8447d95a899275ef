import * as access from '../api/contract/access.ts'
import * as connections from '../api/contract/connections.ts'
import type { AnswerOf, BodyOf, Endpoint, QueryOf } from '../api/contract/endpoint.ts'
import * as mappings from '../api/contract/mappings.ts'
import * as schedules from '../api/contract/schedules.ts'
import { type Call, type CoupletClientOptions, send } from './send.ts'

/** What changes an installation: mappings, connections, schedules, API keys, sessions of people. Nothing of it is repeated by itself. */
export class SetUpClient {
  readonly #options: CoupletClientOptions

  constructor(options: CoupletClientOptions) {
    this.#options = options
  }

  #send<E extends Endpoint>(endpoint: E, call: Call<E> = {}): Promise<AnswerOf<E>> {
    return send(this.#options, endpoint, call)
  }

  /**
   * Stores a mapping as a new version. `version`: the one that the change was made from, 0 for a new mapping; may be left out with
   * `dryRun`. Throws MAPPING_EDITED when somebody else was faster.
   */
  putMapping(name: string, body: BodyOf<typeof mappings.putMapping>, version?: number) {
    return this.#send(mappings.putMapping, { name, body, expectedVersion: version })
  }

  /** All of them or none. */
  importMappings(body: BodyOf<typeof mappings.importMappings>) {
    return this.#send(mappings.importMappings, { body })
  }

  enableMapping(name: string, how: BodyOf<typeof mappings.enableMapping> = {}) {
    return this.#send(mappings.enableMapping, { name, body: how })
  }

  disableMapping(name: string, how: BodyOf<typeof mappings.disableMapping> = {}) {
    return this.#send(mappings.disableMapping, { name, body: how })
  }

  listMappingVersions(name: string, query: QueryOf<typeof mappings.listMappingVersions> = {}) {
    return this.#send(mappings.listMappingVersions, { name, query })
  }

  getMappingVersion(name: string, version: number, query: QueryOf<typeof mappings.getMappingVersion> = {}) {
    return this.#send(mappings.getMappingVersion, { name, version, query })
  }

  /** Once the system has answered; `secrets` are stored sealed. */
  putConnection(name: string, body: BodyOf<typeof connections.putConnection>) {
    return this.#send(connections.putConnection, { name, body })
  }

  testConnection(name: string, what: BodyOf<typeof connections.testConnection> = {}) {
    return this.#send(connections.testConnection, { name, body: what })
  }

  listTables(connection: string) {
    return this.#send(connections.listTables, { name: connection })
  }

  describeTable(connection: string, table: string) {
    return this.#send(connections.describeTable, { name: connection, table })
  }

  addSchedule(schedule: BodyOf<typeof schedules.addSchedule>) {
    return this.#send(schedules.addSchedule, { body: schedule })
  }

  /** Changes what is given, and nothing else. */
  changeSchedule(name: string, changes: BodyOf<typeof schedules.changeSchedule>) {
    return this.#send(schedules.changeSchedule, { name, body: changes })
  }

  removeSchedule(name: string, query: QueryOf<typeof schedules.removeSchedule> = {}) {
    return this.#send(schedules.removeSchedule, { name, query })
  }

  listBlackouts() {
    return this.#send(schedules.listBlackouts)
  }

  addBlackout(blackout: BodyOf<typeof schedules.addBlackout>) {
    return this.#send(schedules.addBlackout, { body: blackout })
  }

  removeBlackout(id: number, query: QueryOf<typeof schedules.removeBlackout> = {}) {
    return this.#send(schedules.removeBlackout, { id, query })
  }

  listKeys() {
    return this.#send(access.listKeys)
  }

  /** The answer is the only place where the key stands. */
  addKey(key: BodyOf<typeof access.addKey>) {
    return this.#send(access.addKey, { body: key })
  }

  revokeKey(name: string, reason?: string) {
    return this.#send(access.revokeKey, { name, body: { reason } })
  }

  listSessions() {
    return this.#send(access.listSessions)
  }

  endSessions(which: BodyOf<typeof access.endSessions>) {
    return this.#send(access.endSessions, { body: which })
  }
}
