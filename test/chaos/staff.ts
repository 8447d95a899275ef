export type Side = 'local' | 'remote'

/** The people who keep one table on both sides, and what has to be there at the end because of them. */
export interface Staff {
  /** What they do, and how often compared with the rest; told a number that no other act has. */
  readonly acts: readonly { readonly often: number; readonly act: (count: number) => Promise<void> }[]
  expected(): readonly string[]
  /** What a system really holds, in the same form. */
  found(side: Side): Promise<readonly string[]>
  /**
   * Somebody has looked at a record that Couplet does not dare to couple, by its id on either side: the two are one, and what the
   * local side says is true. Null: it is not theirs, or not on both sides.
   */
  adopt(id: string): Promise<SamePair | null>
}

export interface SamePair {
  readonly mapping: string
  readonly local: string
  readonly remote: string
}
