import { sourceSide } from '../../core/mapping/definition.ts'
import type { Job } from '../../core/sync/run.ts'
import { drainRequests } from '../line/requests.ts'
import { type LineSession, step } from '../line/session.ts'
import { assertMayGoOn } from '../line/stop.ts'
import { commitNamed } from './commit-named.ts'
import { namedItem, uncoupledResult } from './results.ts'
import { findDependents, findGone, removal } from './uncouple-page.ts'

/** Removes the couplings that there were when the job began, page by page; resumes after the last committed page. */
export async function uncoupleAll(session: LineSession, job: Job): Promise<void> {
  const { sync } = session.commits
  const { reason, requestedBy: uncoupledBy } = session.run
  const limit = session.deps.settings.pageSize
  const last = job.checkpoint?.ceiling ?? String(await sync.findLastCoupling(session.mapping.id))
  let after = Number(job.checkpoint?.cursor ?? 0)
  for (let page = (job.checkpoint?.pages ?? 0) + 1; ; page += 1) {
    await assertMayGoOn(session)
    await step(session, 'read', page)
    const couplings = await sync.listCouplings(session.mapping.id, { after, last: Number(last), limit })
    const isGone = await findGone(session, couplings)
    const dependentsOf = await findDependents(session, couplings)
    after = couplings.at(-1)?.id ?? after
    const passDone = couplings.length < limit
    await commitNamed(
      session,
      job,
      page,
      couplings.map((coupling) =>
        uncoupledResult(
          namedItem(coupling[sourceSide[job.direction]].key, [job.id]),
          job.direction,
          coupling,
          dependentsOf(coupling),
        ),
      ),
      {
        uncouplings: couplings.map((coupling) => removal(coupling, { reason, uncoupledBy }, job, isGone)),
        checkpoint: {
          jobId: job.id,
          value: { cursor: String(after), ceiling: last, pages: page, passDone },
        },
      },
    )
    if (passDone) return
    await drainRequests(session, job, page)
  }
}
