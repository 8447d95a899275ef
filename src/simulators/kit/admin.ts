import { z } from 'zod'
import { Fault, type RecordEdit } from './faults.ts'
import { HttpProblem, jsonAnswer, type SimAnswer, type SimRequest } from './http.ts'
import type { Simulation } from './simulation.ts'

/** A record as the admin interface shows it: by column, decimals and 64-bit numbers as text. */
export type AdminRecord = Readonly<Record<string, unknown>>

/** What people can look at and do inside of a simulated system, past sign-in, rights and limits. */
export interface AdminSite {
  /** Tables with the number of records, and how many of these are kept in memory because somebody touched them. */
  tables(): readonly { readonly name: string; readonly records: number; readonly kept: number }[]
  /** Records in the order of keys, behind `after`. */
  records(
    table: string,
    page: { readonly filter: string | null; readonly after: string | null; readonly top: number },
  ): readonly AdminRecord[]
  record(table: string, key: string): AdminRecord | null
  /** Changes a record as a person at the screen would: the system's own rules apply. Throws `HttpProblem`. */
  edit(edit: RecordEdit): AdminRecord | null
  /** All records as they were at the start. */
  reset(): void
  /** What the product adds, by the name behind the prefix. Null for an unknown name. */
  extra(name: string, body: unknown): unknown
}

const prefix = '/_admin/'

export const isAdminPath = (path: string): boolean => path.startsWith(prefix)

/**
 * The admin interface; JSON in, JSON out, nobody signs in, nothing is counted.
 * `tables`, `tables/{t}`, `tables/{t}/{key}`, `faults`, `faults/release`, `requests`, `counters`, `clock`, `reset`, and the product's own.
 */
export async function answerAdmin(
  request: SimRequest,
  site: AdminSite,
  simulation: Simulation,
): Promise<SimAnswer> {
  try {
    const parts = request.path.slice(prefix.length).split('/').map(decodeURIComponent)
    if (parts[0] === 'faults' && parts[1] === 'release') await simulation.faults.release()
    const found = answerPart(request, parts, site, simulation)
    return found === null ? jsonAnswer(404, { error: 'nothing here' }) : jsonAnswer(200, found)
  } catch (error) {
    if (error instanceof HttpProblem)
      return jsonAnswer(error.status, { error: error.message, code: error.code })
    if (error instanceof z.ZodError || error instanceof SyntaxError) {
      return jsonAnswer(400, { error: error.message })
    }
    throw error
  }
}

function answerPart(
  request: SimRequest,
  [part, table, key]: readonly string[],
  site: AdminSite,
  simulation: Simulation,
): unknown {
  switch (part) {
    case 'tables':
      return table === undefined ? site.tables() : answerTable(request, table, key ?? null, site)
    case 'faults':
      return answerFaults(request, simulation)
    case 'requests':
      return simulation.recorder.requests()
    case 'counters':
      if (request.method === 'DELETE') simulation.recorder.reset()
      return simulation.recorder.counters()
    case 'clock':
      return answerClock(request, simulation)
    case 'reset':
      return resetAll(site, simulation)
    default:
      return site.extra(part ?? '', bodyOf(request))
  }
}

function resetAll(site: AdminSite, { faults, recorder, time }: Simulation): unknown {
  faults.clear()
  time.reset()
  site.reset()
  recorder.reset()
  return site.tables()
}

function answerTable(request: SimRequest, table: string, key: string | null, site: AdminSite): unknown {
  const values = z.record(z.string(), z.unknown())
  switch (request.method) {
    case 'POST':
      return site.edit({ action: 'insert', table, key, values: values.parse(bodyOf(request)) })
    case 'PATCH':
      return site.edit({ action: 'patch', table, key, values: values.parse(bodyOf(request)) })
    case 'DELETE':
      site.edit({ action: 'delete', table, key, values: {} })
      return { deleted: key }
    default: {
      if (key !== null) return site.record(table, key)
      const query = new URLSearchParams(request.query)
      const top = Number(query.get('top') ?? 100)
      return site.records(table, { filter: query.get('filter'), after: query.get('after'), top })
    }
  }
}

function answerFaults(request: SimRequest, { faults }: Simulation): unknown {
  if (request.method === 'DELETE') faults.clear()
  if (request.method === 'POST') {
    const body = bodyOf(request)
    for (const fault of z.array(Fault).parse(Array.isArray(body) ? body : [body])) faults.add(fault)
  }
  return faults.list()
}

const ClockChange = z.strictObject({ advanceMs: z.number().optional(), skewMs: z.number().optional() })

function answerClock(request: SimRequest, { time }: Simulation): unknown {
  if (request.method === 'POST') {
    const { advanceMs, skewMs } = ClockChange.parse(bodyOf(request))
    if (advanceMs !== undefined) time.advance(advanceMs)
    if (skewMs !== undefined) time.skew(skewMs)
  }
  return time.state()
}

function bodyOf(request: SimRequest): unknown {
  return request.body.length === 0 ? null : JSON.parse(request.body.toString('utf8'))
}
