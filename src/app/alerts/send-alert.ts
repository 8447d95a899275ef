import { createTransport } from 'nodemailer'
import type { AlertMessage } from '../../core/alerts/message.ts'
import type { AlertChannel, ChannelKind } from '../../core/alerts/rule.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import { withoutCredentials } from '../../lib/credentials.ts'
import { type Config, resolveSecretReference } from '../config.ts'
import { openPosting } from '../post-message.ts'

type SendSettings = Pick<Config, 'smtpUrl' | 'mailFrom' | 'privateNetworks'>
type Send = (channel: AlertChannel, message: AlertMessage, settings: SendSettings) => Promise<void>

const timeoutMs = 20_000

/** Sends one message to one channel. Throws ALERT_NOT_SENT with the reason, CONFIG_INVALID for a missing setting. */
export function sendAlert(
  channel: AlertChannel,
  message: AlertMessage,
  settings: SendSettings,
): Promise<void> {
  return senders[channel.kind](channel, message, settings)
}

const senders: Readonly<Record<ChannelKind, Send>> = {
  email: sendMail,
  slack: (channel, { title, text }, settings) =>
    post(channel, { text: `*${escapeSlack(title)}*\n${escapeSlack(text)}` }, settings),
  webhook: (channel, { event, title, text, alerts }, settings) =>
    post(channel, { event, title, text, alerts }, settings),
}

async function sendMail(
  channel: AlertChannel,
  { title, text }: AlertMessage,
  { smtpUrl, mailFrom }: SendSettings,
): Promise<void> {
  if (smtpUrl === null || mailFrom === null) {
    const message = `Channel ${channel.name} sends mail, for which COUPLET_SMTP_URL and COUPLET_MAIL_FROM have to be set`
    throw new SyncError('CONFIG_INVALID', message)
  }
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  })
  try {
    await transport.sendMail({
      from: mailFrom,
      to: channel.target.split(',').map((address) => address.trim()),
      subject: title,
      text,
    })
  } catch (error) {
    throw notSent(channel, error instanceof Error ? error.message : String(error), error)
  } finally {
    transport.close()
  }
}

/** The path of the address is a secret: it is in no message. Only where connections may go, alerts may. */
async function post(channel: AlertChannel, body: object, { privateNetworks }: SendSettings): Promise<void> {
  const url = resolveSecretReference(channel.target)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new SyncError(
      'CONFIG_INVALID',
      `Channel ${channel.name}: ${channel.target} holds no http(s) address`,
    )
  }
  const posting = openPosting({ name: channel.name, timeoutMs, atOnce: 1, privateNetworks })
  try {
    const { status } = await posting.post(new URL(url), {}, JSON.stringify(body))
    if (status >= 300) throw notSent(channel, `status ${status}`)
  } catch (error) {
    const failure = toSyncError(error)
    throw failure.code === 'ALERT_NOT_SENT' ? failure : notSent(channel, failure.message, error)
  } finally {
    await posting.close()
  }
}

function notSent(channel: AlertChannel, reason: string, cause?: unknown): SyncError {
  const message = `Channel ${channel.name} did not take the message: ${withoutCredentials(reason)}`
  return new SyncError('ALERT_NOT_SENT', message, { data: { channel: channel.name }, cause })
}

const escapeSlack = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
