import { nameOf, type Principal } from '../../../core/access/principal.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { pauseSchedule, runScheduleNow } from '../../../usecases/schedules/change-schedule.ts'
import { viewSchedules } from '../../../usecases/schedules/view-schedules.ts'
import * as contract from '../../contract/control.ts'
import { runLocation } from '../../open-api.ts'
import { getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showRun } from '../../views.ts'

const SHOWN_SLOTS = 5

/** GET /schedules: with their next runs. */
export function listSchedules(server: Server, deps: Deps): void {
  serve(server, contract.listSchedules, async () => {
    const views = await viewSchedules(SHOWN_SLOTS, deps)
    return { schedules: views.map(({ schedule, ...view }) => ({ ...schedule, ...view })) }
  })
}

/** POST /schedules/:name/pause, resume and run. */
export function changeSchedules(server: Server, deps: Deps): void {
  const named = async (name: string, pair: string | undefined, principal: Principal) => ({
    pairId: await getPairId({ pair }, principal, deps),
    name,
  })
  serve(server, contract.pauseSchedule, async ({ params, body: { pair, reason = null }, principal }) => {
    const schedule = await named(params.name, pair, principal)
    return { changed: await pauseSchedule(schedule, true, { by: nameOf(principal), reason }, deps) }
  })
  serve(server, contract.resumeSchedule, async ({ params, body: { pair, reason = null }, principal }) => {
    const schedule = await named(params.name, pair, principal)
    return { changed: await pauseSchedule(schedule, false, { by: nameOf(principal), reason }, deps) }
  })
  serve(server, contract.runSchedule, async ({ params, body, principal }, reply) => {
    const schedule = await named(params.name, body.pair, principal)
    const run = await runScheduleNow(schedule, { by: nameOf(principal), reason: body.reason ?? null }, deps)
    reply.header('location', runLocation(run.id))
    return { run: showRun(run) }
  })
}
