import fc from 'fast-check'
import type { ConflictStrategy, UpdateConflict } from '../../src/core/mapping/conflict-strategy.ts'
import type { MappingDirection, Side } from '../../src/core/mapping/definition.ts'
import { type PipelineStep, pipelineSteps } from '../../src/core/ports/runtime.ts'
import type { AfterCoupling } from '../../src/core/ports/sync-store.ts'
import { type DeletionChoice, deletionChoices } from '../../src/core/sync/deletion.ts'
import {
  type Change,
  type DeletionPolicy,
  type LocalKeys,
  type RemoteKeys,
  remoteKeys,
  type Setting,
  systemKeys,
} from './scenario.ts'

/** Where a user gets a value from: a new one, the one of the partner, the one agreed on, none, one the other system refuses. */
export const valueWishes = ['fresh', 'of partner', 'agreed', 'empty', 'refused'] as const
export type ValueWish = (typeof valueWishes)[number]
export const fieldNames = ['name', 'city', 'note', 'rating', 'number', 'amount', 'status'] as const
export type FieldName = (typeof fieldNames)[number]

/** Something a user does. `pick` chooses among the records there are. */
export type Deed =
  | { readonly do: 'insert'; readonly side: Side; readonly refused: boolean }
  | {
      readonly do: 'edit'
      readonly side: Side
      readonly pick: number
      readonly field: FieldName
      readonly value: ValueWish
    }
  | { readonly do: 'delete'; readonly side: Side; readonly pick: number }

/** What happens on the way to a system, or in it. */
export const outsideAccidents = [
  'lose request',
  'lose answer',
  'lose read',
  'throttle',
  'lock records',
  'hold write',
] as const
/** What happens besides where systems are reached over HTTP. */
export const httpAccidents = [
  'busy',
  'time out',
  'expire tokens',
  'cut answer',
  'refuse parts',
  'fail parts',
] as const
export type OutsideAccident = (typeof outsideAccidents)[number] | (typeof httpAccidents)[number]

const accidents = ['kill', 'freeze', 'stop', ...outsideAccidents, 'deliver twice', 'lose queue'] as const
export type Accident = (typeof accidents)[number] | OutsideAccident

/** Something that happens right before a step of the pipeline, the n-th time it comes. */
export interface Mishap {
  readonly before: PipelineStep
  readonly nth: number
  readonly what: { readonly accident: Accident; readonly side: Side } | Deed
}

export interface Working {
  readonly pageSize: number
  readonly mishaps: readonly Mishap[]
}

export type RunKindOfStep = 'full' | 'modified' | 'mapping' | 'deletions'

/** Somebody asks for a record. */
export interface Ask extends Working {
  readonly do: 'request'
  readonly side: Side
  readonly pick: number
  readonly creates: boolean
}

/** Somebody couples two records. */
export interface Couple extends Working {
  readonly do: 'couple'
  readonly local: number
  readonly remote: number
  readonly next: AfterCoupling
}

/** Somebody uncouples some records, named by one side of them. */
export interface Uncouple extends Working {
  readonly do: 'uncouple'
  readonly side: Side
  readonly picks: readonly number[]
}

/** Somebody says what is to be done about a deleted record. */
export interface Choose extends Working {
  readonly do: 'choose'
  readonly pick: number
  readonly choice: DeletionChoice
}

/** Somebody decides about a conflict: the same for all of its fields, or the first one otherwise than the rest. */
export interface Decide {
  readonly do: 'decide'
  readonly pick: number
  readonly scope: 'one' | 'alike' | 'all'
  readonly take: 'local' | 'remote' | 'newest' | 'value'
  readonly first: 'local' | 'remote' | null
}

export type Step =
  | Deed
  | { readonly do: 'begin'; readonly deed: Deed }
  | { readonly do: 'commit' }
  | ({ readonly do: 'run'; readonly kind: RunKindOfStep } & Working)
  | Ask
  | Couple
  | Uncouple
  | Decide
  | Choose
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'wake' }
  | { readonly do: 'release' }
  | { readonly do: 'lose queue' }
  | { readonly do: 'change'; readonly to: Change }
  | ({ readonly do: 'settle'; readonly kind: 'full' | 'modified' } & Working)

export interface History {
  readonly setting: Setting
  readonly steps: readonly Step[]
}

const side = fc.constantFrom<Side>('local', 'remote')
const pick = fc.nat(7)

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('insert' as const), side, refused: rarely(12) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      side,
      pick,
      field: fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom<FieldName>('name', 'city', 'amount') },
        { weight: 2, arbitrary: fc.constantFrom<FieldName>('note', 'rating', 'number', 'status') },
      ),
      value: fc.oneof(
        { weight: 6, arbitrary: fc.constant<ValueWish>('fresh') },
        { weight: 4, arbitrary: fc.constantFrom(...valueWishes) },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), side, pick }) },
)

function rarely(oneIn: number): fc.Arbitrary<boolean> {
  return fc.nat(oneIn).map((number) => number === oneIn)
}

function mishapOf(accident: fc.Arbitrary<Accident>): fc.Arbitrary<Mishap> {
  return fc.record({
    before: fc.constantFrom(...pipelineSteps),
    nth: fc.integer({ min: 1, max: 3 }),
    what: fc.oneof({ weight: 3, arbitrary: fc.record({ accident, side }) }, { weight: 2, arbitrary: deed }),
  })
}

function workingAmid(accident: fc.Arbitrary<Accident>) {
  return {
    pageSize: fc.constantFrom(1, 2, 3, 4, 5, 50),
    mishaps: fc.array(mishapOf(accident), { maxLength: 3, size: 'max' }),
  }
}

const changes = {
  direction: fc.constantFrom<MappingDirection>(
    'Bidirectional',
    'Bidirectional',
    'Bidirectional',
    'ToIntegrationTable',
    'FromIntegrationTable',
  ),
  onlyCoupled: fc.boolean(),
  updateConflict: fc.constantFrom<UpdateConflict>(
    'None',
    'None',
    'Send Update to Integration',
    'Get Update from Integration',
    'newest wins',
    'fill empty',
  ),
  deletionConflict: fc.constantFrom<DeletionPolicy>(
    'None',
    'Ask',
    'Remove Coupling',
    'Restore Records',
    'Propagate Deletion',
    'Archive',
  ),
  filtered: fc.constantFrom<Side | null>('local', 'remote', null),
  withoutCity: fc.boolean(),
}

/** One thing at a time. */
const change: fc.Arbitrary<Change> = fc.oneof(
  ...Object.entries(changes).map(([name, value]) => value.map((chosen) => ({ [name]: chosen }))),
)

function stepOf(working: ReturnType<typeof workingAmid>): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 12, arbitrary: deed },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('begin' as const), deed }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('run' as const),
        kind: fc.constantFrom<RunKindOfStep>('full', 'modified', 'modified', 'mapping', 'deletions'),
        ...working,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('request' as const),
        side,
        pick,
        creates: fc.boolean(),
        ...working,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('uncouple' as const),
        side,
        picks: fc.uniqueArray(pick, { minLength: 1, maxLength: 3 }),
        ...working,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('couple' as const),
        local: pick,
        remote: pick,
        next: fc.constantFrom<AfterCoupling>('merge', 'to', 'from', 'nothing'),
        ...working,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('choose' as const),
        pick,
        choice: fc.constantFrom(...deletionChoices),
        ...working,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('decide' as const),
        pick,
        scope: fc.constantFrom('one', 'alike', 'all'),
        take: fc.constantFrom('local', 'remote', 'newest', 'value'),
        first: fc.constantFrom('local', 'remote', null, null),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 900, 5_000, 31_000) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lose queue' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), to: change }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        kind: fc.constantFrom('full', 'modified'),
        ...working,
      }),
    },
  )
}

const skew = fc.constantFrom(0, 0, -5_000, -1, 5_000)

const settingValues = {
  systems: fc.constant<Setting['systems']>('memory'),
  localKeys: fc.constant<LocalKeys>('uuid'),
  remoteKeys: fc.constantFrom<RemoteKeys>(...remoteKeys),
  direction: changes.direction,
  onlyCoupled: changes.onlyCoupled,
  updateConflict: changes.updateConflict,
  deletionConflict: changes.deletionConflict,
  filtered: changes.filtered,
  withoutCity: changes.withoutCity,
  fieldConflicts: fc.record(
    {
      city: fc.constantFrom<ConflictStrategy>(
        'ask',
        'local wins',
        'remote wins',
        'newest wins',
        'fill empty',
      ),
      amount: fc.constantFrom<ConflictStrategy>('sum of changes', 'sum of changes', 'newest wins', 'ask'),
    },
    { requiredKeys: [] },
  ),
  capitals: fc.boolean(),
  pageSize: fc.constantFrom(1, 2, 50),
  skewMs: fc.record({ local: skew, remote: skew }),
}

/** Histories that begin with a few records and end at rest. */
function historiesOf(
  setting: { [name in keyof Setting]: fc.Arbitrary<Setting[name]> },
  accident: fc.Arbitrary<Accident>,
  maxLength: number,
): fc.Arbitrary<History> {
  const step = stepOf(workingAmid(accident))
  return fc.record({
    setting: fc.record(setting),
    steps: fc.array(step, { minLength: 3, maxLength, size: 'max' }),
  })
}

export const histories = historiesOf(settingValues, fc.constantFrom<Accident>(...accidents), 24)

/** Between Business Central and Dataverse: shorter, for each request takes its time. */
export const dynamicsHistories = historiesOf(
  {
    ...settingValues,
    systems: fc.constant('dynamics'),
    localKeys: fc.constantFrom(...systemKeys),
    remoteKeys: fc.constant('uuid'),
  },
  fc.constantFrom<Accident>(...accidents, ...httpAccidents, 'lose answer'),
  16,
)
