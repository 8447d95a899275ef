import { z } from 'zod'
import {
  catchUpPolicies,
  overlapPolicies,
  scheduleKinds,
  slotDecisions,
} from '../../core/schedules/schedule.ts'
import { runStates } from '../../core/sync/run.ts'
import { Id, Instant, MaybeInstant } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { ById, instant, MappingName, PairName, Reason, text } from './inputs.ts'
import { Run } from './run-answers.ts'

const tag = 'schedules'

/** A recurring run with what comes next. */
const Schedule = z
  .object({
    id: Id,
    pairId: Id,
    name: z.string(),
    kind: z.enum(scheduleKinds),
    mapping: z.string().nullable(),
    enabled: z.boolean(),
    everyMinutes: z.int().nullable(),
    cron: z.string().nullable(),
    anchorAt: Instant,
    timeZone: z.string(),
    weekdays: z.array(z.int()).nullable().meta({ description: '1 is Monday; null: every day' }),
    windowFrom: z.string().nullable().meta({ description: 'Time of day, HH:MM' }),
    windowTo: z.string().nullable(),
    expiresAt: MaybeInstant,
    overlap: z.enum(overlapPolicies),
    catchUp: z.enum(catchUpPolicies),
    inactivityMinutes: z.int(),
    calendar: z.string().nullable(),
    state: z.enum(['on', 'off', 'paused', 'over', 'rests', 'asleep']),
    because: z.string().nullable().meta({ description: 'Why it is in that state' }),
    words: z.string().meta({ description: 'When it runs, in words' }),
    nextSlots: z.array(Instant),
    lastDecision: z.enum(slotDecisions).nullable(),
    lastRun: z.object({ id: Id, state: z.enum(runStates), finishedAt: MaybeInstant }).nullable(),
  })
  .meta({ id: 'Schedule' })

export const listSchedules = endpoint({
  name: 'listSchedules',
  method: 'GET',
  path: '/schedules',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'Recurring runs, with their next five',
  query: z.strictObject({
    pair: PairName.optional(),
    mapping: MappingName.optional().meta({ description: 'Of this mapping alone, not of all' }),
  }),
  status: 200,
  answer: z.object({ schedules: z.array(Schedule) }),
})

const longestMinutes = 525_600
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day: 08:00')

/** What somebody sets; what is left out stays as it is, or gets its default. */
const settings = {
  kind: z.enum(scheduleKinds).optional(),
  mapping: MappingName.nullable().optional(),
  enabled: z.boolean().optional(),
  everyMinutes: z.int().min(1).max(longestMinutes).optional(),
  cron: text(200).optional().meta({ description: 'Minute, hour, day, month, weekday' }),
  anchorAt: instant.optional().meta({ description: 'A time at which a run of everyMinutes lies' }),
  timeZone: text(64).optional().meta({ description: 'Of cron, weekdays and window; default UTC' }),
  weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).nullable().optional(),
  windowFrom: TimeOfDay.nullable().optional(),
  windowTo: TimeOfDay.nullable().optional(),
  expiresAt: instant.nullable().optional(),
  overlap: z.enum(overlapPolicies).optional(),
  catchUp: z.enum(catchUpPolicies).optional(),
  inactivityMinutes: z.int().min(0).max(longestMinutes).optional(),
  calendar: text(100).nullable().optional().meta({ description: 'Calendar of its blackouts' }),
}
const how = { pair: PairName.optional(), reason: Reason.optional(), dryRun: z.boolean().default(false) }

/** With `dryRun` nothing is stored, and `schedule` is null. */
const Saved = z.object({
  schedule: Schedule.nullable(),
  words: z.string(),
  nextSlots: z.array(Instant).meta({ description: 'The next five runs' }),
})

export const addSchedule = endpoint({
  name: 'addSchedule',
  method: 'POST',
  path: '/schedules',
  role: 'configure',
  tag,
  summary: 'Make a schedule; dryRun only shows its next five runs',
  body: z.strictObject({ name: text(100), ...how, ...settings }),
  status: 200,
  answer: Saved,
})

const ScheduleName = z.strictObject({ name: text(100) })

export const changeSchedule = endpoint({
  name: 'changeSchedule',
  method: 'PATCH',
  path: '/schedules/:name',
  role: 'configure',
  tag,
  summary: 'Change what is given of a schedule, and nothing else; dryRun only shows its next five runs',
  params: ScheduleName,
  body: z.strictObject({ ...how, ...settings }),
  status: 200,
  answer: Saved,
})

export const removeSchedule = endpoint({
  name: 'removeSchedule',
  method: 'DELETE',
  path: '/schedules/:name',
  role: 'configure',
  tag,
  summary: 'Remove a schedule; its runs stay',
  params: ScheduleName,
  query: z.strictObject({ pair: PairName.optional(), reason: Reason.optional() }),
  status: 200,
  answer: z.object({ removed: z.literal(true) }),
})

const ScheduleAct = z.strictObject({ pair: PairName.optional(), reason: Reason.optional() })

export const pauseSchedule = endpoint({
  name: 'pauseSchedule',
  method: 'POST',
  path: '/schedules/:name/pause',
  role: 'operate',
  tag,
  summary: 'No slot starts until it is resumed',
  params: ScheduleName,
  body: z.strictObject({ pair: PairName.optional(), reason: Reason }),
  status: 200,
  answer: z.object({ changed: z.boolean() }),
})

export const resumeSchedule = endpoint({
  name: 'resumeSchedule',
  method: 'POST',
  path: '/schedules/:name/resume',
  role: 'operate',
  tag,
  summary: 'Slots start again; missed ones are made up for as the schedule says',
  params: ScheduleName,
  body: ScheduleAct,
  status: 200,
  answer: z.object({ changed: z.boolean() }),
})

export const runSchedule = endpoint({
  name: 'runSchedule',
  method: 'POST',
  path: '/schedules/:name/run',
  role: 'operate',
  tag,
  summary: 'The run of a schedule at once, beside its slots',
  params: ScheduleName,
  body: ScheduleAct,
  status: 202,
  answer: z.object({ run: Run }),
})

/** A time in which the schedules of a calendar start nothing. */
const Blackout = z.object({
  id: Id,
  calendar: z.string(),
  from: Instant,
  to: Instant,
  reason: z.string(),
})

export const listBlackouts = endpoint({
  name: 'listBlackouts',
  method: 'GET',
  path: '/blackouts',
  role: 'view',
  tag,
  summary: 'Times in which the schedules of a calendar start nothing, by calendar and time',
  status: 200,
  answer: z.object({ blackouts: z.array(Blackout) }),
})

export const addBlackout = endpoint({
  name: 'addBlackout',
  method: 'POST',
  path: '/blackouts',
  role: 'configure',
  tag,
  summary: 'Add one to a calendar; schedules name it in `calendar`',
  body: z.strictObject({ calendar: text(100), from: instant, to: instant, reason: Reason }),
  status: 201,
  answer: z.object({ blackout: Blackout }),
})

export const removeBlackout = endpoint({
  name: 'removeBlackout',
  method: 'DELETE',
  path: '/blackouts/:id',
  role: 'configure',
  tag,
  summary: 'Remove one',
  params: ById,
  query: z.strictObject({ reason: Reason.optional() }),
  status: 200,
  answer: z.object({ removed: z.literal(true) }),
})
