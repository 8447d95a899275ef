/** A process that pulls and runs the jobs of runs. */
import { runProcess } from '../src/app/main.ts'

process.exitCode = await runProcess({ worker: true, scheduler: false, http: null })
