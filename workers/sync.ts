/** A process that pulls and runs the jobs of runs. */
import { endProcess } from '../src/app/end-process.ts'
import { runProcess } from '../src/app/main.ts'

endProcess(await runProcess({ worker: true, scheduler: false, http: null }))
