import { counterNames } from '../../src/core/sync/outcome.ts'
import type { World } from './world.ts'

/** What has been seen before, for what may only grow. */
export class Memory {
  localWatermark = ''
  remoteWatermark = ''
}

/** What holds at each moment, whatever is under way. */
export async function checkInvariants(world: World, memory: Memory): Promise<void> {
  const complaints = [...(await checkNumbers(world)), ...(await checkWatermarks(world, memory))]
  if (complaints.length > 0) throw new Error(complaints.join('\n'))
}

/** P7: read is the sum of what became of the records, and the ledger holds a row for each that something happened to. */
async function checkNumbers({ stores }: World): Promise<readonly string[]> {
  const jobs = await stores.runs.listJobs({ limit: 1_000, before: null, mapping: null })
  const complaints: string[] = []
  for (const { id, counters } of jobs) {
    const sum = counterNames.reduce((total, name) => total + counters[name], 0)
    if (sum !== counters.read)
      complaints.push(`P7: job ${id} has read ${counters.read} and accounts for ${sum}`)
    const standing = counters.skipped - counters.newlySkipped
    const quiet = counters.unchanged + counters.ignored + counters.notCoupled + standing
    const query = { runId: null, jobId: id, mapping: null, limit: 10_000, before: null }
    const { length } = await stores.operations.listOutcomes(query)
    if (length !== sum - quiet)
      complaints.push(`P7: job ${id} has ${length} outcomes and counts ${sum - quiet}`)
  }
  return complaints
}

/** Watermarks of the memory systems are times, so they can be compared. */
async function checkWatermarks(world: World, memory: Memory): Promise<readonly string[]> {
  const { localWatermark, remoteWatermark } = await world.getMapping()
  const complaints: string[] = []
  if ((localWatermark ?? '') < memory.localWatermark)
    complaints.push('the local watermark has moved backwards')
  if ((remoteWatermark ?? '') < memory.remoteWatermark)
    complaints.push('the remote watermark has moved backwards')
  memory.localWatermark = localWatermark ?? ''
  memory.remoteWatermark = remoteWatermark ?? ''
  return complaints
}
