import { toSyncError } from '../../src/core/errors.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { ConflictWish, FieldWish } from '../../src/core/sync/choose-values.ts'
import { deletionCodes } from '../../src/core/sync/deletion.ts'
import { type ConflictResolution, conflictResolution, type Issue } from '../../src/core/sync/issue.ts'
import { displayKey, type RecordKey } from '../../src/core/values/key.ts'
import { resolveConflict } from '../../src/usecases/conflicts/resolve-conflict.ts'
import { requestCoupling } from '../../src/usecases/coupling/request-coupling.ts'
import { requestUncoupling } from '../../src/usecases/coupling/request-uncoupling.ts'
import { resolveDeletion } from '../../src/usecases/deletions/resolve-deletion.ts'
import { startRun } from '../../src/usecases/flow/start-run.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import type { People } from './people.ts'
import type { ReferenceModel } from './reference-model.ts'
import { mappingName } from './scenario.ts'
import type { Ask, Choose, Couple, Decide, RunKindOfStep, Uncouple } from './steps.ts'
import type { Story } from './telling.ts'
import type { World } from './world.ts'

/** What may be answered to somebody who asks for something that cannot be done, or at a bad moment. */
const refusals: ReadonlySet<string> = new Set([
  'ALREADY_COUPLED',
  'CONNECTION_INTERRUPTED',
  'DIRECTION_NOT_ALLOWED',
  'FULL_SYNC_RUNNING',
  'ISSUE_UNKNOWN',
  'NOT_COUPLED',
  'RECORD_NOT_FOUND',
  'RECORD_NOT_IN_FILTER',
  'RESOLUTION_INVALID',
])

/** The people who work with Couplet itself: they ask for runs and records, couple, uncouple and decide. */
export class Staff {
  readonly #world: World
  readonly #people: People
  readonly #model: ReferenceModel
  readonly #story: Story

  constructor(world: World, people: People, model: ReferenceModel, story: Story) {
    this.#world = world
    this.#people = people
    this.#model = model
    this.#story = story
  }

  async run(kind: RunKindOfStep): Promise<void> {
    this.#model.begin({ createsMissing: kind === 'full' })
    const isOfOne = kind === 'mapping' || kind === 'deletions'
    await this.#unlessRefused(() =>
      startRun(
        {
          ...this.#asking(),
          kind,
          mapping: isOfOne ? mappingName : null,
          keepCreating: 'no',
          scheduleId: null,
          slot: null,
        },
        this.#world.deps,
      ),
    )
  }

  async request({ side, creates }: Ask, key: RecordKey): Promise<void> {
    this.#model.begin({ createsMissing: false })
    if (creates) this.#model.request(side, key)
    const request = {
      ...this.#asking(),
      mapping: mappingName,
      keys: [displayKey(key)],
      createMissing: creates,
    }
    await this.#unlessRefused(() => requestRecords(request, this.#world.deps))
  }

  async uncouple({ side, picks }: Uncouple): Promise<void> {
    const couplings = await this.#world.allCouplings()
    const chosen = picks.flatMap((pick) => couplings[pick % Math.max(couplings.length, 1)] ?? [])
    if (chosen.length === 0) return
    this.#model.begin({ createsMissing: false })
    const keys = chosen.map((coupling) => displayKey(coupling[side].key))
    const isAccepted = await this.#unlessRefused(() =>
      requestUncoupling({ ...this.#asking(), mapping: mappingName, keys }, this.#world.deps),
    )
    if (!isAccepted) return
    for (const coupling of chosen) this.#model.uncouple(side, coupling[side].key)
    this.#story.add(`· to be uncoupled: ${side} ${keys.join(', ')}`)
  }

  /** Records without a partner first: with others there is little that can be done. */
  async couple({ local, remote, next }: Couple): Promise<void> {
    const pick = (side: Side, index: number) => {
      const singles = this.#model.singleKeys(side).filter((key) => this.#people.records(side).has(key))
      const keys = singles.length > 0 ? singles : [...this.#people.records(side).keys()]
      return keys[index % Math.max(keys.length, 1)]
    }
    const keys = { local: pick('local', local), remote: pick('remote', remote) }
    if (keys.local === undefined || keys.remote === undefined) return
    // Records of two numbers would change each other's key, which may be taken by then.
    const number = this.#people.valueOf('local', keys.local, 'number')
    if (this.#people.hasMappedKeys && number !== keys.remote) return
    this.#model.begin({ createsMissing: false })
    const request = {
      ...this.#asking(),
      mapping: mappingName,
      local: displayKey(keys.local),
      remote: displayKey(keys.remote),
      next,
    }
    if (!(await this.#unlessRefused(() => requestCoupling(request, this.#world.deps)))) return
    this.#model.couple(keys.local, keys.remote)
    this.#story.add(`· to be coupled: ${keys.local} and ${keys.remote}`)
  }

  /** Somebody decides about what he is shown, which may have changed meanwhile. */
  async decide(step: Decide): Promise<void> {
    const before = (await this.#world.issues()).filter(({ code }) => code === 'CONFLICT_BOTH_CHANGED')
    const issue = before[step.pick % Math.max(before.length, 1)]
    if (issue === undefined) return
    const alike = before.filter(
      (other) => other.mappingId === issue.mappingId && fieldsOf(other) === fieldsOf(issue),
    )
    const meant = step.scope === 'all' ? before : step.scope === 'alike' ? alike : [issue]
    for (const { id: issueId } of meant)
      await this.#unlessRefused(() =>
        resolveConflict({ issueId, wish: wishOf(step, issue), decidedBy: 'somebody' }, this.#world.deps),
      )
    const known = new Set(before.map(({ resolution }) => conflictResolution(resolution)?.id))
    for (const { key, resolution } of await this.#world.issues()) {
      const made = conflictResolution(resolution)
      if (made && !known.has(made.id)) this.#tellDecision(key, made)
    }
  }

  #tellDecision(key: RecordKey, { choices }: ConflictResolution): void {
    for (const { local, remote, take, value } of choices) {
      const seen = { local: local.seen, remote: remote.seen }
      const chosen = take === 'value' ? { value } : take
      this.#model.decide(key, local.field, { at: this.#people.acts, seen, take: chosen, isTried: false })
      this.#story.add(
        `· decided for ${key}.${local.field}, ${seen.local} or ${seen.remote}: ${take} ${value ?? ''}`,
      )
    }
  }

  /** Somebody says what is to be done about a couple that has lost a record. */
  async choose({ pick, choice }: Choose): Promise<void> {
    const isAbout = ({ code, partnerKey }: Issue) =>
      partnerKey !== null && deletionCodes.some((each) => each === code)
    const issues = (await this.#world.issues()).filter(isAbout)
    const issue = issues[pick % Math.max(issues.length, 1)]
    if (issue === undefined) return
    this.#model.begin({ createsMissing: false })
    const side = issue.direction === 'to' ? 'local' : 'remote'
    this.#model.choose(side, issue.key, choice)
    await this.#unlessRefused(() =>
      resolveDeletion({ issueId: issue.id, choice, by: 'somebody' }, this.#world.deps),
    )
    this.#story.add(`· chosen for ${side} ${issue.key}: ${choice}`)
  }

  #asking() {
    return {
      pairId: this.#world.getPair().id,
      requestedBy: 'somebody',
      reason: 'model',
      idempotencyKey: null,
      payloadHash: null,
    }
  }

  async #unlessRefused(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask()
      return true
    } catch (error) {
      const { code } = toSyncError(error)
      if (!refusals.has(code)) throw error
      this.#story.add(`· refused: ${code}`)
      return false
    }
  }
}

function fieldsOf({ conflicts }: Issue): string {
  return JSON.stringify(conflicts.map(({ local, remote }) => [local.field, remote.field]).sort())
}

/** What is typed for a value is one that both systems take. */
function wishOf({ take, first, pick }: Decide, { conflicts }: Issue): ConflictWish {
  const byField = new Map<string, FieldWish>()
  const [conflict] = conflicts
  for (const { local } of conflicts) {
    const text = local.field === 'amount' ? `${1_000 + pick}` : `${local.field} given ${pick}`
    if (take === 'value') byField.set(local.field, { take, text })
  }
  if (first !== null && conflict !== undefined) byField.set(conflict.local.field, { take: first })
  return { all: take === 'value' ? null : { take }, byField }
}
