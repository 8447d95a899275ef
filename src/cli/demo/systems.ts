import type { Context } from '../../app/context.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import type { EditReport } from '../../demo/edits.ts'
import type { DemoContents } from '../../demo/seed.ts'
import type { TableSnapshot } from '../../demo/snapshot.ts'
import type { Check } from './checks.ts'

/** The two business systems that a demo is played on. */
export interface DemoSystems {
  /** What the first step says it has made. */
  readonly title: string
  readonly sides: { readonly local: string; readonly remote: string }
  readonly contents: DemoContents
  /** Sets up the pair with the shipped mappings. */
  connect(context: Context): Promise<Pair>
  /** Records that people couple by hand before anything is synchronized. */
  readonly coupledByHand: readonly {
    readonly mapping: string
    readonly local: string
    readonly remote: string
  }[]
  /** Every table of both sides, to prove later that nothing was written. */
  snapshot(): Promise<readonly TableSnapshot[]>
  /** People edit records on both sides. */
  edit(): Promise<EditReport>
  /** What must be the same on both sides at the end, looked up past Couplet. */
  compare(): Promise<readonly Check[]>
  close(): Promise<void>
}
