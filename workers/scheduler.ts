/** A process that plans recurring runs and sweeps: enqueues again what no queue job stands for. */
import { endProcess } from '../src/app/end-process.ts'
import { runProcess } from '../src/app/main.ts'

endProcess(await runProcess({ worker: false, scheduler: true, http: null }))
