import { createFaultBox, type FaultBox } from './faults.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import type { SimulatedTime } from './time.ts'

/** The parts that the server and the site it serves share. */
export interface Simulation {
  readonly time: SimulatedTime
  readonly faults: FaultBox
  readonly recorder: Recorder
}

export function createSimulation(time: SimulatedTime): Simulation {
  return { time, faults: createFaultBox(), recorder: createRecorder(time) }
}
