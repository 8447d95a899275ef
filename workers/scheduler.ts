/** A process that plans recurring runs and sweeps: enqueues again what no queue job stands for. */
import { runProcess } from '../src/app/main.ts'

process.exitCode = await runProcess({ worker: false, scheduler: true, http: null })
