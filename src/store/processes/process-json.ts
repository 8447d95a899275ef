import { z } from 'zod'
import { type JobName, jobCatalog } from '../../core/jobs/catalog.ts'
import { processRoles, type WorkAtHand } from '../../core/ports/process-store.ts'

const kinds = Object.keys(jobCatalog) as readonly JobName[]

const Roles = z.array(z.enum(processRoles))
const Concurrency = z.record(z.string(), z.number())
const Work = z.array(
  z.object({
    kind: z.enum(kinds),
    runId: z.number().nullable(),
    lineId: z.number().nullable(),
    since: z.string(),
  }),
)

export const parseRoles = (raw: unknown) => Roles.parse(raw)
export const parseConcurrency = (raw: unknown) => Concurrency.parse(raw)
export const parseWorkAtHand = (raw: unknown): readonly WorkAtHand[] => Work.parse(raw)
