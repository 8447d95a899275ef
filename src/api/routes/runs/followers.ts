import { SyncError } from '../../../core/errors.ts'

/** Looks of several at the same thing within `freshMs` are one: each gets what the first one has read. */
export function shareLooks<T>(look: (id: number) => Promise<T>, freshMs: number): (id: number) => Promise<T> {
  const looks = new Map<number, Promise<T>>()
  return (id) => {
    const known = looks.get(id)
    if (known !== undefined) return known
    const looking = look(id)
    looks.set(id, looking)
    const forget = () => looks.delete(id)
    looking.then(() => setTimeout(forget, freshMs).unref(), forget)
    return looking
  }
}

const RETRY_MS = 5_000

/** Gives each name so many places in this process, and what gives one back. Throws TOO_MANY_ATTEMPTS. */
export function createPlaces(most: number): (name: string) => () => void {
  const taken = new Map<string, number>()
  return (name) => {
    const before = taken.get(name) ?? 0
    if (before >= most) {
      const message = `${name} follows ${most} runs at once already`
      throw new SyncError('TOO_MANY_ATTEMPTS', message, { retryAfterMs: RETRY_MS })
    }
    taken.set(name, before + 1)
    return () => {
      const left = (taken.get(name) ?? 1) - 1
      if (left === 0) taken.delete(name)
      else taken.set(name, left)
    }
  }
}
