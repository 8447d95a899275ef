import type { Side } from '../../core/mapping/definition.ts'
import type { PreviewCosts, SideCosts } from '../../core/sync/preview.ts'

/** Counts what the real run would ask of both sides, until it is collected. */
export interface CostMeter {
  countRead(side: Side): void
  countWrite(side: Side, records: number): void
  /** What has been counted since the last time. */
  collect(): PreviewCosts
}

const nothing: SideCosts = { reads: 0, writes: 0, records: 0 }

export function createCostMeter(): CostMeter {
  let sum: Record<Side, SideCosts> = { local: nothing, remote: nothing }
  return {
    countRead(side) {
      sum[side] = { ...sum[side], reads: sum[side].reads + 1 }
    },
    countWrite(side, records) {
      const { reads, writes, records: before } = sum[side]
      sum[side] = { reads, writes: writes + 1, records: before + records }
    },
    collect() {
      const collected = sum
      sum = { local: nothing, remote: nothing }
      return collected
    },
  }
}
