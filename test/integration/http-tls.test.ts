import { createServer as createSocketServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '../support/http/certificate.ts'
import { sendJson, startServer } from '../support/http/server.ts'
import { get, openTransport } from '../support/http/transport.ts'

const days = (count: number) => new Date(Date.now() + count * 86_400_000)
const valid = { notBefore: days(-1), notAfter: days(1) }

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function startTls(certificate: Awaited<ReturnType<typeof makeCertificate>>): Promise<URL> {
  const server = await startServer((_request, response) => sendJson(response, {}), certificate)
  open.push(() => server.close())
  return server.url
}

function send(url: URL, certificateAuthorities?: string) {
  const transport = openTransport({ limits: certificateAuthorities ? { certificateAuthorities } : {} })
  open.push(() => transport.close())
  return transport.send(get(url))
}

describe('TLS', () => {
  it('is used with an authority that the connection names', async () => {
    const certificate = await makeCertificate(valid, '127.0.0.1')
    expect(await send(await startTls(certificate), certificate.cert)).toMatchObject({ status: 200 })
  })

  it('with a certificate that nobody known has signed is refused, and nothing is sent', async () => {
    const url = await startTls(await makeCertificate(valid, '127.0.0.1'))
    await expect(send(url)).rejects.toMatchObject({
      code: 'TLS_FAILED',
      kind: 'config',
      message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
      data: { mayHaveRun: false },
    })
  })

  it('with a certificate that has expired is refused', async () => {
    const certificate = await makeCertificate({ notBefore: days(-3), notAfter: days(-1) }, '127.0.0.1')
    await expect(send(await startTls(certificate), certificate.cert)).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringContaining('CERT_HAS_EXPIRED'),
    })
  })

  it('with a certificate for another host is refused', async () => {
    const certificate = await makeCertificate(valid, '127.0.0.2')
    await expect(send(await startTls(certificate), certificate.cert)).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    })
  })

  it('with a server that does not speak it is refused', async () => {
    const plain = createSocketServer((socket) => {
      socket.on('error', () => {})
      socket.resume()
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    open.push(() => new Promise((resolve) => plain.close(() => resolve())))
    const address = plain.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await expect(send(new URL(`https://127.0.0.1:${port}/`))).rejects.toMatchObject({ code: 'TLS_FAILED' })
  })
})
