/** A process that answers HTTP. */
import { httpPart } from '../src/api/http-part.ts'
import { endProcess } from '../src/app/end-process.ts'
import { runProcess } from '../src/app/main.ts'

endProcess(await runProcess({ worker: false, scheduler: false, http: httpPart }))
