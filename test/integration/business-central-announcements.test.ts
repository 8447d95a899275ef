import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { present } from '../../src/lib/assert.ts'
import type { RunningBusinessCentral } from '../../src/simulators/business-central/simulator.ts'
import { startCronus } from '../support/business-central.ts'
import { type ConnectedCronus, connectTo } from '../support/business-central-connector.ts'

const signal = new AbortController().signal
/** Gives the token back as soon as it is told to be there. */
const receiver = { isThere: false, asked: 0 }
const http = createServer((request, response) => {
  receiver.asked += 1
  const token = new URL(request.url ?? '', 'http://receiver').searchParams.get('validationToken')
  response.writeHead(receiver.isThere ? 200 : 503, { 'content-type': 'text/plain' }).end(token ?? '')
})
let server: RunningBusinessCentral
let connected: ConnectedCronus
let nowMs = Date.UTC(2024, 5, 1)

beforeEach(async () => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  server = await startCronus({ customers: 3 })
  connected = connectTo(server, {
    clock: { now: () => new Date(nowMs), monotonicMs: () => performance.now() },
    announcements: { notificationUrl: `http://127.0.0.1:${port}/notices`, key: 'a key' },
  })
})
afterEach(async () => {
  await connected.connector.close()
  await server.close()
  await new Promise((resolve) => http.close(resolve))
})

it('P10: an address that did not answer once is not given up: it is asked for again an hour later', async () => {
  const keep = () => present(connected.connector.announcements, 'announcements').keep(['customers'], signal)
  expect(await keep()).toEqual([])
  expect(receiver.asked).toBe(1)
  receiver.isThere = true
  expect(await keep()).toEqual([])
  nowMs += 3_600_000
  expect(await keep()).toEqual(['customers'])
  expect(receiver.asked).toBe(2)
})
