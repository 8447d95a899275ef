import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import * as connections from '../api/contract/connections.ts'
import * as control from '../api/contract/control.ts'
import type { AnswerOf, BodyOf, Endpoint, QueryOf } from '../api/contract/endpoint.ts'
import * as issues from '../api/contract/issues.ts'
import * as mappings from '../api/contract/mappings.ts'
import * as operations from '../api/contract/operations.ts'
import * as outcomes from '../api/contract/outcomes.ts'
import * as records from '../api/contract/records.ts'
import * as runs from '../api/contract/run-endpoints.ts'
import * as schedules from '../api/contract/schedules.ts'
import * as setUp from '../api/contract/set-up.ts'
import * as webhooks from '../api/contract/webhooks.ts'
import { followRun } from './follow-run.ts'
import { type Call, type CoupletClientOptions, send } from './send.ts'
import { SetUpClient } from './set-up-client.ts'

export { CoupletApiError } from './api-error.ts'
export type { CoupletClientOptions } from './send.ts'

export type RunDetails = AnswerOf<typeof runs.getRun>
export type NewRun = BodyOf<typeof runs.startRun>

export type Operation = AnswerOf<typeof operations.getOperation>['operation']
export type NewOperation = BodyOf<typeof operations.startOperation>

/** How often `waitForOperation` looks. */
const POLL_MS = 500

type Query<E extends Endpoint> = QueryOf<E>

/**
 * Couplet's HTTP API, typed by the contract the server holds to. What only reads, and what carries an idempotency key, is
 * sent again by itself while network or server are in the way. Everything throws CoupletApiError for what is refused.
 */
export class CoupletClient {
  readonly #options: CoupletClientOptions
  /** Changes of mappings, connections, schedules and keys. */
  readonly setUp: SetUpClient

  constructor(options: CoupletClientOptions) {
    this.#options = options
    this.setUp = new SetUpClient(options)
  }

  #send<E extends Endpoint>(endpoint: E, call: Call<E> = {}): Promise<AnswerOf<E>> {
    return send(this.#options, endpoint, call)
  }

  /** Asks for work of any kind. The same key gives the run that exists; without one, a new key is made for this call. */
  startRun(run: NewRun, idempotencyKey: string = randomUUID()) {
    return this.#send(runs.startRun, { body: run, idempotencyKey })
  }

  /** The run with lines, jobs, counters, question and what a preview has found. */
  getRun(id: number) {
    return this.#send(runs.getRun, { id })
  }

  /**
   * The run as it is, and again each time it has changed, until it has ended; survives lost connections and restarts of the
   * server.
   */
  followRun(id: number, signal?: AbortSignal): AsyncGenerator<RunDetails, void> {
    return followRun(this.#options, id, signal)
  }

  /** Waits for the end of a run. */
  async waitForRun(id: number, signal?: AbortSignal): Promise<RunDetails> {
    let last: RunDetails | null = null
    for await (const details of this.followRun(id, signal)) last = details
    return last ?? this.getRun(id)
  }

  /** Newest first; `before` is the `next` of the page before, as in all lists. */
  listRuns(query: Query<typeof runs.listRuns> = {}) {
    return this.#send(runs.listRuns, { query })
  }

  cancelRun(id: number, reason?: string) {
    return this.#send(runs.cancelRun, { id, body: { reason } })
  }

  retryRun(id: number, what: BodyOf<typeof runs.retryRun>) {
    return this.#send(runs.retryRun, { id, body: what })
  }

  answerRun(id: number, answer: 'yes' | 'no') {
    return this.#send(runs.answerRun, { id, body: { answer } })
  }

  listOutcomesOfRun(id: number, query: Query<typeof runs.listOutcomesOfRun> = {}) {
    return this.#send(runs.listOutcomesOfRun, { id, query })
  }

  getHeldDeletions(id: number) {
    return this.#send(runs.getHeldDeletions, { id })
  }

  answerHeldDeletions(id: number, answer: BodyOf<typeof runs.answerHeldDeletions>) {
    return this.#send(runs.answerHeldDeletions, { id, body: answer })
  }

  listJobs(query: Query<typeof setUp.listJobs> = {}) {
    return this.#send(setUp.listJobs, { query })
  }

  listOutcomes(query: Query<typeof outcomes.listOutcomes> = {}) {
    return this.#send(outcomes.listOutcomes, { query })
  }

  listIssues(query: Query<typeof issues.listIssues> = {}) {
    return this.#send(issues.listIssues, { query })
  }

  countIssues(query: Query<typeof issues.countIssues> = {}) {
    return this.#send(issues.countIssues, { query })
  }

  getIssue(id: number) {
    return this.#send(issues.getIssue, { id })
  }

  resolveConflict(id: number, wish: BodyOf<typeof issues.resolveConflict>) {
    return this.#send(issues.resolveConflict, { id, body: wish })
  }

  resolveDeletion(id: number, choice: BodyOf<typeof issues.resolveDeletion>['choice']) {
    return this.#send(issues.resolveDeletion, { id, body: { choice } })
  }

  /** What an operation would be about; changes nothing. */
  countOperation(what: BodyOf<typeof operations.countOperation>) {
    return this.#send(operations.countOperation, { body: what, isReading: true })
  }

  /** Changes many records. The same key gives the operation that exists; without one, a new key is made for this call. */
  startOperation(operation: NewOperation, idempotencyKey: string = randomUUID()) {
    return this.#send(operations.startOperation, { body: operation, idempotencyKey })
  }

  getOperation(id: number) {
    return this.#send(operations.getOperation, { id })
  }

  listOperations(query: Query<typeof operations.listOperations> = {}) {
    return this.#send(operations.listOperations, { query })
  }

  /** In the order in which they are worked off; here `next` is the `after` of the next page. */
  listOperationRecords(id: number, query: Query<typeof operations.listOperationRecords> = {}) {
    return this.#send(operations.listOperationRecords, { id, query })
  }

  cancelOperation(id: number, reason?: string) {
    return this.#send(operations.cancelOperation, { id, body: { reason } })
  }

  /** Waits for the end of an operation. What it has made due is carried out by its runs: `waitForRun`. */
  async waitForOperation(id: number, signal?: AbortSignal): Promise<Operation> {
    for (;;) {
      const { operation } = await this.getOperation(id)
      if (operation.finishedAt !== null) return operation
      await delay(POLL_MS, undefined, signal ? { signal } : {})
    }
  }

  /** In the order of the local numbers; here `next` is the `after` of the next page. */
  listCouplings(query: Query<typeof records.listCouplings>) {
    return this.#send(records.listCouplings, { query })
  }

  getHistory(query: Query<typeof records.getHistory>) {
    return this.#send(records.getHistory, { query })
  }

  /** Why a record is, or is not, in step with its partner. */
  explainRecord(query: Query<typeof records.explainRecord>) {
    return this.#send(records.explainRecord, { query })
  }

  listSchedules(query: Query<typeof schedules.listSchedules> = {}) {
    return this.#send(schedules.listSchedules, { query })
  }

  pauseSchedule(name: string, how: BodyOf<typeof schedules.pauseSchedule>) {
    return this.#send(schedules.pauseSchedule, { name, body: how })
  }

  resumeSchedule(name: string, how: BodyOf<typeof schedules.resumeSchedule> = {}) {
    return this.#send(schedules.resumeSchedule, { name, body: how })
  }

  runSchedule(name: string, how: BodyOf<typeof schedules.runSchedule> = {}) {
    return this.#send(schedules.runSchedule, { name, body: how })
  }

  listPauses() {
    return this.#send(control.listPauses)
  }

  /** Pages at work are finished, no other begins. */
  pause(what: BodyOf<typeof control.pause>) {
    return this.#send(control.pause, { body: what })
  }

  resume(what: BodyOf<typeof control.resume>) {
    return this.#send(control.resume, { body: what })
  }

  listAudit(query: Query<typeof control.listAudit> = {}) {
    return this.#send(control.listAudit, { query })
  }

  listPairs() {
    return this.#send(setUp.listPairs)
  }

  listConnections() {
    return this.#send(connections.listConnections)
  }

  listMappings(query: Query<typeof mappings.listMappings> = {}) {
    return this.#send(mappings.listMappings, { query })
  }

  getMapping(name: string, query: Query<typeof mappings.getMapping> = {}) {
    return this.#send(mappings.getMapping, { name, query })
  }

  listWebhooks() {
    return this.#send(webhooks.listWebhooks)
  }

  getWebhook(name: string) {
    return this.#send(webhooks.getWebhook, { name })
  }

  /** The secret of a new one is answered once, here. */
  saveWebhook(name: string, webhook: BodyOf<typeof webhooks.saveWebhook>) {
    return this.#send(webhooks.saveWebhook, { name, body: webhook })
  }

  removeWebhook(name: string) {
    return this.#send(webhooks.removeWebhook, { name })
  }

  enableWebhook(name: string, reason?: string) {
    return this.#send(webhooks.enableWebhook, { name, body: { reason } })
  }

  disableWebhook(name: string, reason?: string) {
    return this.#send(webhooks.disableWebhook, { name, body: { reason } })
  }

  rotateWebhook(name: string, how: BodyOf<typeof webhooks.rotateWebhook> = {}) {
    return this.#send(webhooks.rotateWebhook, { name, body: how })
  }

  testWebhook(name: string) {
    return this.#send(webhooks.testWebhook, { name, body: {} })
  }

  /** What has failed for good is sent again. */
  replayWebhook(name: string, how: BodyOf<typeof webhooks.replayWebhook> = {}) {
    return this.#send(webhooks.replayWebhook, { name, body: how })
  }

  listDeliveries(query: Query<typeof webhooks.listDeliveries> = {}) {
    return this.#send(webhooks.listDeliveries, { query })
  }

  getDelivery(id: number) {
    return this.#send(webhooks.getDelivery, { id })
  }

  replayDelivery(id: number, reason?: string) {
    return this.#send(webhooks.replayDelivery, { id, body: { reason } })
  }
}
