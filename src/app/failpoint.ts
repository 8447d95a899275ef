import { SyncError } from '../core/errors.ts'
import { type PipelineStep, type Probe, pipelineSteps } from '../core/ports/runtime.ts'

/** `kill@write`, `stop@commit#3`, `kill@intent#2/CUSTOMER`: what to do, before which step, at which passing, in which mapping. */
const pattern = /^(kill|stop)@([a-z]+)(?:#(\d+))?(?:\/(.+))?$/

const signals = { kill: 'SIGKILL', stop: 'SIGSTOP' } as const

/**
 * A probe for tests and fault campaigns: kills (SIGKILL) or freezes (SIGSTOP) this very process at a step of the page
 * pipeline, as COUPLET_FAILPOINT says; without it, nothing. Throws CONFIG_INVALID for a text that means nothing.
 */
export function createProbe(failpoint: string | null): Probe {
  if (failpoint === null) return { before: () => Promise.resolve() }
  const match = pattern.exec(failpoint)
  const step = pipelineSteps.find((name) => name === match?.[2])
  if (!match || step === undefined) {
    throw new SyncError(
      'CONFIG_INVALID',
      `COUPLET_FAILPOINT = '${failpoint}': expected kill@STEP or stop@STEP, with #N and /MAPPING if wanted; steps: ${pipelineSteps.join(', ')}`,
    )
  }
  return countingProbe(match[1] === 'kill' ? 'kill' : 'stop', step, Number(match[3] ?? 1), match[4] ?? null)
}

function countingProbe(
  action: keyof typeof signals,
  at: PipelineStep,
  occurrence: number,
  mapping: string | null,
): Probe {
  let passed = 0
  return {
    before(step, facts) {
      if (step === at && (mapping === null || mapping === facts.mapping)) {
        passed += 1
        if (passed === occurrence) process.kill(process.pid, signals[action])
      }
      return Promise.resolve()
    },
  }
}
