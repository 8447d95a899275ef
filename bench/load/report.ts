import type { Paced } from './at-pace.ts'
import type { QueueTimes } from './queue-overhead.ts'
import type { RequestResult } from './requests.ts'
import type { ScaleResult } from './scale-out.ts'

/** The median of the rounds' ratios. */
export function formatQueue(rounds: readonly QueueTimes[]): string {
  const ratios = rounds.map(({ couplet, bullmq }) => couplet / bullmq).sort((a, b) => a - b)
  const ratio = ratios[Math.floor(ratios.length / 2)] ?? 0
  const each = rounds.map(({ couplet, bullmq }) => `${couplet.toFixed(0)}/${bullmq.toFixed(0)}`)
  return `queue, µs per job beside BullMQ alone: ${ratio.toFixed(2)} × (aim ≤ 1.3; rounds ${each.join(', ')})`
}

export function formatRequests(size: number, { bulk, enqueue, startRun, api }: RequestResult): string {
  return [
    `${size} records asked for twice: accepted in ${bulk.accepted.toFixed(1)} s, all created after ${bulk.done.toFixed(1)} s, with ${bulk.reads} records read`,
    `single enqueue:      ${formatPaced(enqueue)} (aim p99 < 50 ms)`,
    `single run by HTTP:  ${formatPaced(startRun)}`,
    `API beside ${api.fullSyncs} full synchronizations: ${formatPaced(api)}`,
  ].join('\n')
}

function formatPaced({ asked, seconds, p50, p99, errors }: Paced): string {
  const failed = [...errors].map(([what, times]) => `${times} × ${what}`)
  const list = failed.length === 0 ? 'no errors' : failed.join('; ')
  return `${asked} calls in ${seconds.toFixed(1)} s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${list}`
}

export function formatScale(results: readonly ScaleResult[]): string {
  const one = results[0]?.recordsPerSecond ?? 0
  return results
    .map(({ workers, recordsPerSecond }) => {
      const share = recordsPerSecond / (one * workers)
      return `${workers} workers: ${recordsPerSecond.toFixed(0)} records/s, ${share.toFixed(2)} of linear (aim ≥ 0.9)`
    })
    .join('\n')
}
