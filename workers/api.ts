/** A process that answers HTTP. */
import { httpPart } from '../src/api/http-part.ts'
import { runProcess } from '../src/app/main.ts'

process.exitCode = await runProcess({ worker: false, scheduler: false, http: httpPart })
