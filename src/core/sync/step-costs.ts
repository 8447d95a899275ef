/**
 * Where the time of a job goes. `partner`: reading and searching records of the other side; `decide`: our own judging;
 * `commit`: page intents and page commits; `waiting`: for a page that is still being read, or a commit under way.
 */
export const costSteps = ['read', 'lookup', 'partner', 'decide', 'write', 'commit', 'waiting'] as const
export type CostStep = (typeof costSteps)[number]

/** Milliseconds of wall time, and requests or statements. Steps overlap, so their sum may exceed the time of the job. */
export interface StepCost {
  readonly ms: number
  readonly requests: number
}

export type StepCosts = Readonly<Record<CostStep, StepCost>>

export const zeroCosts: StepCosts = Object.freeze(eachStep(() => ({ ms: 0, requests: 0 })))

export function addCosts(a: StepCosts, b: StepCosts): StepCosts {
  return eachStep((step) => ({
    ms: Math.round(a[step].ms + b[step].ms),
    requests: a[step].requests + b[step].requests,
  }))
}

function eachStep(cost: (step: CostStep) => StepCost): StepCosts {
  return Object.fromEntries(costSteps.map((step) => [step, cost(step)])) as Record<CostStep, StepCost>
}
