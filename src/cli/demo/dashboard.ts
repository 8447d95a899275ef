import pc from 'picocolors'
import type { Context } from '../../app/context.ts'
import { SyncError } from '../../core/errors.ts'
import type { Say } from './show.ts'

/** Serves the dashboard until the signal; on a free port when the usual one is taken. */
export async function serveDashboard(context: Context, signal: AbortSignal, say: Say): Promise<void> {
  const part = await startOnFreePort(context, say)
  say(pc.dim('Ctrl-C ends the demo.'))
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  await part.drain?.()
  await part.stop?.()
}

async function startOnFreePort(context: Context, say: Say) {
  const { httpPart } = await import('../../api/http-part.ts')
  const options = {
    onListening: (url: string) =>
      say(`Dashboard: ${pc.bold(url)} (any user name, the API key is the password)`),
    showKey: (text: string) => say(text.trim()),
  }
  const part = httpPart(context, options)
  try {
    await part.start?.(new AbortController().signal)
    return part
  } catch (error) {
    if (!(error instanceof SyncError && error.code === 'CONFIG_INVALID')) throw error
    const other = httpPart({ ...context, config: { ...context.config, port: 0 } }, options)
    await other.start?.(new AbortController().signal)
    return other
  }
}
