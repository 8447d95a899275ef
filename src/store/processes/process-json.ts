import { z } from 'zod'
import { jobNames } from '../../core/jobs/catalog.ts'
import { processRoles, type WorkAtHand } from '../../core/ports/process-store.ts'

const Roles = z.array(z.enum(processRoles))
const Concurrency = z.record(z.string(), z.number())
const Work = z.array(
  z.object({
    kind: z.enum(jobNames),
    runId: z.number().nullable(),
    lineId: z.number().nullable(),
    operationId: z.number().nullable().default(null),
    since: z.string(),
  }),
)

export const parseRoles = (raw: unknown) => Roles.parse(raw)
export const parseConcurrency = (raw: unknown) => Concurrency.parse(raw)
export const parseWorkAtHand = (raw: unknown): readonly WorkAtHand[] => Work.parse(raw)
