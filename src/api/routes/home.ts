import { policyWithStyle } from '../safety-headers.ts'
import type { Server } from '../server-type.ts'

const css = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color: #1b2430 }
  code { background: #eef1f5; padding: 0 .3em; border-radius: 3px }
`

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Couplet</title>
<style>${css}</style>
<h1>Couplet</h1>
<p>Keeps the records of two business systems coupled and equal.</p>
<ul>
  <li><a href="/queues/">Queues</a>: the raw jobs, as the queue server holds them
  <li><a href="/api/v1/runs">Runs</a>: what was asked for, and how it went
  <li><a href="/api/v1/issues">Issues</a>: records that are not in sync, and why
  <li><a href="/api/v1/openapi.json">API</a>: the description of all addresses, for programs
  <li><a href="/readyz">Readiness</a>: whether store and queue can be reached
</ul>
<p>All but the last one ask who you are: <a href="/sign-in">sign in</a>, or give an API key as the password (the user name can be
anything); programs send <code>Authorization: Bearer &lt;key&gt;</code>.
</html>
`

/** GET /: says what answers here. */
export function serveHome(server: Server): void {
  server.get('/', { config: { role: 'anyone' } }, async (_request, reply) =>
    reply.header('content-security-policy', policyWithStyle(css)).type('text/html; charset=utf-8').send(page),
  )
}
