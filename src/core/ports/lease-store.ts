/** Proof of ownership that every write of a worker repeats: it holds while the rows carry this token and have not expired. */
export interface Fence {
  readonly resources: readonly string[]
  /** Grows with every acquisition of any lease. */
  readonly token: string
}

export type Acquisition =
  /** `takenOverFrom`: who held the first resource until its lease ran out, and did not give it back: dead, or frozen. */
  | { readonly acquired: true; readonly fence: Fence; readonly takenOverFrom: string | null }
  /** `expiresInMs`: when the present lease ends unless it is renewed. */
  | { readonly acquired: false; readonly holder: string; readonly expiresInMs: number }

export interface LeaseStore {
  /** Takes all resources or none; an expired lease is taken over. The database clock decides. */
  acquire(request: { resources: readonly string[]; holder: string; ttlMs: number }): Promise<Acquisition>
  /** Moves the expiry to now + ttl. False: the lease is lost, for good. */
  renew(fence: Fence, ttlMs: number): Promise<boolean>
  /** Gives the lease back if it is still held; does nothing otherwise. */
  release(fence: Fence): Promise<void>
  /** Whether somebody holds it now. */
  isHeld(resource: string): Promise<boolean>
}
