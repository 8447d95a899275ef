import type { Context } from '../../../app/context.ts'
import { policyWithStyle } from '../../safety-headers.ts'
import type { Server } from '../../server-type.ts'

const css = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 22rem; margin: 4rem auto; padding: 0 1rem; color: #1b2430 }
  label, input, button { display: block; width: 100%; box-sizing: border-box; margin: .4rem 0; font: inherit; padding: .4rem }
  [role=alert] { color: #a4262c; min-height: 1.5em }
`

// Without its script the form must not put the password into an address.
const passwordForm = `<form id="sign-in" method="post">
<label for="name">Name</label><input id="name" name="name" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<p role="alert" id="problem"></p>
<button>Sign in</button>
</form>
<script src="/sign-in.js"></script>`

const providerLink = '<p><a href="/sign-in/oidc">Sign in with your organization</a>'

const page = (ways: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Couplet: sign in</title>
<style>${css}</style>
<h1>Couplet</h1>
${ways}
</html>
`

const script = `const form = document.getElementById('sign-in')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { name, password } = Object.fromEntries(new FormData(form))
  const answer = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  })
  if (answer.ok) location.assign('/')
  else document.getElementById('problem').textContent = (await answer.json()).detail
})
`

/** GET /sign-in: the page on which people say who they are. */
export function serveSignInPage(server: Server, { config }: Pick<Context, 'config'>): void {
  const html = page(config.oidcIssuer === null ? passwordForm : providerLink + passwordForm)
  const open = { config: { role: 'anyone' }, schema: { hide: true } } as const
  server.get('/sign-in', open, async (_request, reply) =>
    reply.header('content-security-policy', policyWithStyle(css)).type('text/html; charset=utf-8').send(html),
  )
  server.get('/sign-in.js', open, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(script),
  )
}
