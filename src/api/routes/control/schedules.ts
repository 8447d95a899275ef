import { nameOf, type Principal } from '../../../core/access/principal.ts'
import type { ScheduleSettings } from '../../../core/schedules/schedule.ts'
import type { Deps } from '../../../usecases/deps.ts'
import {
  addSchedule,
  changeSchedule,
  pauseSchedule,
  planNewSchedule,
  planScheduleChange,
  removeSchedule,
  resumeSchedule,
  runScheduleNow,
} from '../../../usecases/schedules/change-schedule.ts'
import {
  type ScheduleView,
  viewSchedule,
  viewSchedules,
  viewTiming,
} from '../../../usecases/schedules/view-schedules.ts'
import * as contract from '../../contract/schedules.ts'
import { runLocation } from '../../open-api.ts'
import { findPairId, getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

const SHOWN_SLOTS = 5

/** GET /schedules: with their next runs. */
export function listSchedules(server: Server, deps: Deps): void {
  serve(server, contract.listSchedules, async ({ query, principal }) => {
    // A name of a mapping means something within its pair only.
    const pairId = await (query.mapping === undefined ? findPairId : getPairId)(query, principal, deps)
    const views = await viewSchedules({ pairId, mapping: query.mapping ?? null }, SHOWN_SLOTS, deps)
    return { schedules: views.map(showView) }
  })
}

function showView({ schedule, ...view }: ScheduleView) {
  return { ...schedule, ...view }
}

const called = async (name: string, pair: string | undefined, principal: Principal, deps: Deps) => ({
  pairId: await getPairId({ pair }, principal, deps),
  name,
})

/** POST /schedules, PATCH and DELETE /schedules/:name. */
export function saveSchedules(server: Server, deps: Deps): void {
  serve(server, contract.addSchedule, async ({ body, principal }) => {
    const { name, pair, reason = null, dryRun, ...settings } = body
    const named = await called(name, pair, principal, deps)
    if (dryRun) return foretell((await planNewSchedule(named, given(settings), deps)).timing, deps)
    return show(await addSchedule(named, given(settings), { by: nameOf(principal), reason }, deps), deps)
  })
  serve(server, contract.changeSchedule, async ({ params, body, principal }) => {
    const { pair, reason = null, dryRun, ...settings } = body
    const named = await called(params.name, pair, principal, deps)
    if (dryRun) return foretell((await planScheduleChange(named, given(settings), deps)).timing, deps)
    return show(await changeSchedule(named, given(settings), { by: nameOf(principal), reason }, deps), deps)
  })
  serve(server, contract.removeSchedule, async ({ params, query: { pair, reason = null }, principal }) => {
    const named = await called(params.name, pair, principal, deps)
    await removeSchedule(named, { by: nameOf(principal), reason }, deps)
    return { removed: true as const }
  })
}

/** What was sent, and nothing else; a mapping alone means the kind that has one. */
function given(settings: { readonly [Name in keyof ScheduleSettings]?: ScheduleSettings[Name] | undefined }) {
  const kind = settings.kind ?? (settings.mapping ? 'mapping' : undefined)
  const all = Object.entries({ ...settings, kind }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(all) as Partial<ScheduleSettings>
}

function foretell(timing: Parameters<typeof viewTiming>[0], deps: Deps) {
  return { schedule: null, ...viewTiming(timing, SHOWN_SLOTS, deps) }
}

async function show(saved: Parameters<typeof viewSchedule>[0], deps: Deps) {
  const view = await viewSchedule(saved, SHOWN_SLOTS, deps)
  return { schedule: showView(view), words: view.words, nextSlots: view.nextSlots }
}

/** POST /schedules/:name/pause, resume and run. */
export function actOnSchedules(server: Server, deps: Deps): void {
  serve(server, contract.pauseSchedule, async ({ params, body: { pair, reason }, principal }) => {
    const schedule = await called(params.name, pair, principal, deps)
    return { changed: await pauseSchedule(schedule, { by: nameOf(principal), reason }, deps) }
  })
  serve(server, contract.resumeSchedule, async ({ params, body: { pair, reason = null }, principal }) => {
    const schedule = await called(params.name, pair, principal, deps)
    return { changed: await resumeSchedule(schedule, { by: nameOf(principal), reason }, deps) }
  })
  serve(server, contract.runSchedule, async ({ params, body, principal }, reply) => {
    const schedule = await called(params.name, body.pair, principal, deps)
    const run = await runScheduleNow(schedule, { by: nameOf(principal), reason: body.reason ?? null }, deps)
    reply.header('location', runLocation(run.id))
    return { run: showRun(run) }
  })
}
