import { SyncError } from '../../src/core/errors.ts'
import type { PipelineStep } from '../../src/core/ports/runtime.ts'
import type { Installation } from './installation.ts'

/**
 * Breaks a page off before its `nth` step of this name, once, after `meanwhile` has happened: what a worker that dies
 * there leaves behind, and what people did before the next one came.
 */
export function breakPage(
  couplet: Installation,
  at: PipelineStep,
  meanwhile: () => Promise<unknown> = async () => {},
  nth = 1,
): void {
  const { probe } = couplet.context.deps
  const before = probe.before.bind(probe)
  let seen = 0
  Object.assign(probe, {
    before: async (...step: Parameters<typeof before>) => {
      if (step[0] === at) seen += 1
      if (step[0] !== at || seen !== nth) return before(...step)
      seen += 1
      await meanwhile()
      throw new SyncError('CONNECTION_INTERRUPTED', 'The store is away')
    },
  })
}
