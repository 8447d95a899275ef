import { afterAll, beforeAll, expect, it } from 'vitest'
import { chooseSeed } from '../support/crash-random.ts'
import { createDice, type Dice, type Manner, makeInput, manners } from '../support/fuzz/inputs.ts'
import { type Operation, readOperations } from '../support/fuzz/operations.ts'
import { wildBodies, wildTexts } from '../support/fuzz/wild.ts'
import { createFuzzedWorld, type FuzzedWorld, faultsOf } from '../support/fuzz/world.ts'

/** Requests for each operation and manner; more with COUPLET_FUZZ_ROUNDS. */
const rounds = Number(process.env['COUPLET_FUZZ_ROUNDS'] ?? 4)
/** The usual run asks the same each time; a long one, and one with a seed, something else. */
const isUsual =
  process.env['COUPLET_FUZZ_ROUNDS'] === undefined && process.env['COUPLET_TEST_SEED'] === undefined
const seed = isUsual ? 7 : chooseSeed()
const minutes = 60_000

let world: FuzzedWorld
let operations: readonly Operation[]
beforeAll(async () => {
  world = await createFuzzedWorld()
  const document = await world.ask('view', 'GET', '/api/v1/openapi.json')
  // A stream ends with its run, which may never come: it is left to the tests of streams.
  operations = readOperations(document.body).filter(({ path }) => !path.endsWith('/events'))
})
afterAll(() => world.close())

function whoAsks(dice: Dice, manner: Manner): string {
  const isTrusted = manner === 'valid' || dice.roll(4) > 0
  return isTrusted ? 'administer' : dice.pick([...world.keys.keys(), 'nobody'])
}

const isLetIn = (who: string) => !['nobody', 'stranger', 'expired'].includes(who)
/** Such an address leads to no route, so that nobody is asked who they are. */
const isUnreadable = (path: string) => path.includes('%ED%A0%80') || path.length > 4_000
const shortened = (text: string | null) => text?.slice(0, 400) ?? null

it(
  `every operation answers as its document says, whatever it is asked (COUPLET_TEST_SEED=${seed})`,
  async () => {
    const dice = createDice(seed)
    const done = new Set<string>()
    const faults: object[] = []
    for (const operation of operations) {
      for (const manner of manners) {
        for (let round = 0; round < rounds; round += 1) {
          const who = whoAsks(dice, manner)
          const { path, headers, body } = makeInput(operation, manner, dice, world.plausible)
          const answer = await world.ask(who, operation.method, path, { headers, body })
          const found = [...faultsOf(answer, operation, world)]
          if (!isLetIn(who) && answer.status !== 401 && !isUnreadable(path))
            found.push(`${who} was not kept out`)
          if (answer.status < 300) done.add(operation.id)
          const { status, text } = answer
          if (found.length > 0) {
            const sent = { method: operation.method, path: shortened(path), headers, body: shortened(body) }
            faults.push({ found, who, sent, status, text: shortened(text) })
          }
        }
      }
    }
    expect(faults).toEqual([])
    // Else nothing but the first check would have been tried.
    expect(operations.length).toBeGreaterThan(50)
    const listing = operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'))
    expect(listing.filter(({ id }) => done.has(id)).length).toBeGreaterThan(listing.length * 0.7)
    expect(
      ['addKey', 'disableMapping', 'pause', 'startRun'].filter((id) => done.has(id)).length,
    ).toBeGreaterThan(1)
  },
  10 * minutes,
)

it(
  'a body that is none, or not what it says, is refused, and changes nothing',
  async () => {
    const faults: object[] = []
    const taking = operations.filter(({ body }) => body !== null)
    for (const [asked, { id, method, path }] of taking.entries()) {
      const address = path.replace(/\{\w+\}/g, '999999')
      // Each has its share of them; all of them together get all.
      for (const { what, body, type } of wildBodies.filter((_, at) => at % 5 === asked % 5)) {
        const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
        const answer = await world.ask('administer', method, address, { headers, body })
        const found = faultsOf(answer, null, world)
        if (found.length > 0 || answer.status < 400)
          faults.push({ id, what, found, text: shortened(answer.text) })
      }
    }
    expect(faults).toEqual([])
    expect(Reflect.get({}, 'role') ?? Reflect.get({}, 'polluted')).toBeUndefined()
  },
  5 * minutes,
)

it(
  'a body for an address that is open for anyone and in no document is refused, and changes nothing',
  async () => {
    const faults: object[] = []
    for (const path of ['/session', '/notices/1'])
      for (const { what, body, type } of wildBodies) {
        const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
        const answer = await world.ask('nobody', 'POST', path, { headers, body })
        const found = faultsOf(answer, null, world)
        if (found.length > 0 || answer.status < 400)
          faults.push({ path, what, found, status: answer.status, text: shortened(answer.text) })
      }
    expect(faults).toEqual([])
  },
  5 * minutes,
)

const doors = [
  '/',
  '/session',
  '/sign-in',
  '/sign-in/oidc/callback',
  '/notices/',
  '/metrics',
  '/readyz',
  '/readyz/store',
  '/api/v1/',
]
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

it(
  'addresses that nobody has thought of lead nowhere',
  async () => {
    const faults: object[] = []
    for (const [at, text] of wildTexts.entries()) {
      const end = text.isWellFormed() ? encodeURIComponent(text).slice(0, 3_000) : '%ED%A0%80'
      for (const door of doors) {
        const method = methods[(at + doors.indexOf(door)) % methods.length] ?? 'GET'
        const who = at % 2 === 0 ? 'nobody' : 'administer'
        const answer = await world.ask(who, method, `${door}${end}`)
        // HEAD answers in no words.
        const isTold = method !== 'HEAD'
        const found = isTold ? faultsOf(answer, null, world) : answer.status >= 500 ? [answer.status] : []
        if (found.length > 0)
          faults.push({ who, method, door, end: shortened(end), found, text: shortened(answer.text) })
      }
    }
    expect(faults).toEqual([])
  },
  5 * minutes,
)

it('after all of it the server lives, and no secret and no unexpected error stands in its log', async () => {
  expect((await world.ask('nobody', 'GET', '/healthz')).status).toBe(200)
  expect((await world.ask('nobody', 'GET', '/readyz')).status).toBe(200)
  const log = world.lines.join('\n')
  expect(world.secrets.filter((secret) => log.includes(secret))).toEqual([])
  expect(world.lines.filter((line) => line.includes('unexpected error'))).toEqual([])
})
