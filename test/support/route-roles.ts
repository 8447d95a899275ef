import type { GuardedRoute } from '../../src/api/server-type.ts'

/**
 * Who may do what, written down by hand: METHOD path → lowest role; `scoped`: a key of some pairs or mappings gets in, too, and sees
 * what is its own. HEAD is let in as GET is.
 */
const table = `
GET / → anyone
GET /api/v1/audit → operate
GET /api/v1/blackouts → view
POST /api/v1/blackouts → configure
DELETE /api/v1/blackouts/:id → configure
GET /api/v1/connections → view
PUT /api/v1/connections/:name → administer
GET /api/v1/connections/:name/tables → configure
GET /api/v1/connections/:name/tables/:table → configure
POST /api/v1/connections/:name/test → configure
GET /api/v1/couplings → view, scoped
GET /api/v1/issues → view, scoped
GET /api/v1/issues/:id → view, scoped
POST /api/v1/issues/:id/deletion → resolve
POST /api/v1/issues/:id/resolve → resolve
GET /api/v1/issues/count → view, scoped
GET /api/v1/jobs → view
GET /api/v1/keys → administer
POST /api/v1/keys → administer
POST /api/v1/keys/:name/revoke → administer
GET /api/v1/mappings → view, scoped
GET /api/v1/mappings/:name → view, scoped
PUT /api/v1/mappings/:name → configure
POST /api/v1/mappings/:name/disable → configure
POST /api/v1/mappings/:name/enable → configure
GET /api/v1/mappings/:name/versions → view, scoped
GET /api/v1/mappings/:name/versions/:version → view, scoped
POST /api/v1/mappings/import → configure
GET /api/v1/openapi.json → view, scoped
GET /api/v1/operations → view, scoped
POST /api/v1/operations → operate, scoped
GET /api/v1/operations/:id → view, scoped
POST /api/v1/operations/:id/cancel → operate, scoped
GET /api/v1/operations/:id/records → view, scoped
POST /api/v1/operations/count → operate, scoped
GET /api/v1/outcomes → view, scoped
GET /api/v1/pairs → view
GET /api/v1/pauses → view
POST /api/v1/pauses → operate
POST /api/v1/pauses/resume → operate
GET /api/v1/records/history → view, scoped
GET /api/v1/records/why → view, scoped
GET /api/v1/runs → view, scoped
POST /api/v1/runs → operate, scoped
GET /api/v1/runs/:id → view, scoped
POST /api/v1/runs/:id/answer → configure
POST /api/v1/runs/:id/cancel → operate, scoped
GET /api/v1/runs/:id/events → view, scoped
GET /api/v1/runs/:id/held-deletions → view
POST /api/v1/runs/:id/held-deletions → resolve
GET /api/v1/runs/:id/outcomes → view, scoped
POST /api/v1/runs/:id/retry → operate, scoped
GET /api/v1/schedules → view, scoped
POST /api/v1/schedules → configure
DELETE /api/v1/schedules/:name → configure
PATCH /api/v1/schedules/:name → configure
POST /api/v1/schedules/:name/pause → operate
POST /api/v1/schedules/:name/resume → operate
POST /api/v1/schedules/:name/run → operate
GET /api/v1/sessions → administer
POST /api/v1/sessions/end → administer
GET /api/v1/webhook-deliveries → configure
GET /api/v1/webhook-deliveries/:id → configure
POST /api/v1/webhook-deliveries/:id/replay → configure
GET /api/v1/webhooks → configure
DELETE /api/v1/webhooks/:name → configure
GET /api/v1/webhooks/:name → configure
PUT /api/v1/webhooks/:name → configure
POST /api/v1/webhooks/:name/disable → configure
POST /api/v1/webhooks/:name/enable → configure
POST /api/v1/webhooks/:name/replay → configure
POST /api/v1/webhooks/:name/rotate → configure
POST /api/v1/webhooks/:name/test → configure
GET /healthz → anyone
GET /metrics → view
POST /notices/:connection → anyone
GET /readyz → anyone
GET /readyz/store → anyone
DELETE /session → anyone
GET /session → view, scoped
POST /session → anyone
GET /sign-in → anyone
GET /sign-in.js → anyone
`

const roles: ReadonlyMap<string, string> = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' → ')), line.slice(line.indexOf(' → ') + 3)]),
)

/** All routes of the table. */
export const writtenRoutes: readonly string[] = [...roles.keys()]

/** The table's word for a route; undefined: nobody has decided about it. The board of the queues may be looked at by who operates. */
export function writtenRole({ method, url }: Pick<GuardedRoute, 'method' | 'url'>): string | undefined {
  const asked = method === 'HEAD' ? 'GET' : method
  if (url.startsWith('/queues')) return asked === 'GET' ? 'operate' : 'administer'
  return roles.get(`${asked} ${url}`)
}
