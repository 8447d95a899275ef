import { type Harm, harms, type Place } from './faults.ts'

/** So much harm is under way at once. */
const LANES = 2
const BREATH_MS = 4_000
const LOOK_MS = 100

export interface HarmDone {
  readonly name: string
  /** Something else was out of order, too, when it began. */
  readonly isBesideOther: boolean
}

/** Does all of it, in about this order, two at a time; what is done to one server is done one after the other. */
export async function doHarm(names: readonly string[], place: Place): Promise<readonly HarmDone[]> {
  const left = names.flatMap((name) => {
    const harm = harms[name]
    return harm === undefined ? [] : [{ name, harm }]
  })
  const underWay = new Set<(typeof left)[number]>()
  const done: HarmDone[] = []
  const isFree = ({ to }: Harm) => to === null || [...underWay].every(({ harm }) => harm.to !== to)
  const lane = async () => {
    for (;;) {
      await workGoesOn(place)
      await place.pause(place.random() * 500)
      const at = left.findIndex(({ harm }) => isFree(harm))
      // What is left is for a server that the other lane is at: that one goes on with it.
      const [next] = at < 0 ? [] : left.splice(at, 1)
      if (next === undefined) return
      done.push({ name: next.name, isBesideOther: underWay.size > 0 })
      underWay.add(next)
      await next.harm.act(place)
      underWay.delete(next)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return done
}

/** Harm is done to those who are at work: until the ledger has another entry, but not for ever. */
async function workGoesOn({ postgres, pause }: Place): Promise<void> {
  const last = async () => {
    const sql = 'SELECT coalesce(max(id), 0)::int AS id FROM couplet.outcome'
    const [row] = await postgres.query<{ id: number }>(sql).catch(() => [])
    return row?.id ?? 0
  }
  const before = await last()
  for (let waited = 0; waited < BREATH_MS && (await last()) <= before; waited += LOOK_MS) await pause(LOOK_MS)
}

/** Each kind once, or as many as wanted, in an order of chance. */
export function chooseHarms(
  possible: readonly string[],
  wanted: number | null,
  random: () => number,
): readonly string[] {
  if (wanted !== null)
    return Array.from({ length: wanted }, () => possible[Math.floor(random() * possible.length)] ?? '')
  const order = possible.map((name) => ({ name, at: random() }))
  return order.sort((a, b) => a.at - b.at).map(({ name }) => name)
}
