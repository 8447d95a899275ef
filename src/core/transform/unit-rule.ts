import { converted, notConvertible } from '../values/conversion.ts'
import { dec } from '../values/value.ts'
import { plainNumber } from './number-rules.ts'
import type { Rule, Step } from './rule.ts'

/** `number / 10^scale`, exactly. */
interface Scaled {
  readonly number: bigint
  readonly scale: number
}

/**
 * Another unit: multiplied and divided by exact numbers, never a float. Leads back; a result that has no end (1 divided
 * by 3) is refused, unless it is rounded by a step of its own.
 */
export function unitRule({ multiply, divide }: { multiply: string; divide: string }): Rule {
  const [times, by] = [scaled(multiply), scaled(divide)]
  return { forward: converter(times, by), back: converter(by, times) }
}

function converter(times: Scaled, by: Scaled): Step {
  return (value) => {
    const number = plainNumber(value)
    if (number === null) return notConvertible(value, 'is not a number')
    const own = scaled(number)
    const numerator = own.number * times.number * tenTo(by.scale)
    const denominator = by.number * tenTo(own.scale + times.scale)
    const result = divided(numerator, denominator)
    return result === null
      ? notConvertible(value, 'gives a number without end in the other unit')
      : converted(dec(result))
  }
}

function scaled(decimal: string): Scaled {
  const [whole = '', fraction = ''] = decimal.split('.')
  return { number: BigInt(whole + fraction), scale: fraction.length }
}

function tenTo(power: number): bigint {
  return 10n ** BigInt(power)
}

/** A fraction has an end exactly when its denominator, reduced, has no other prime factors than 2 and 5. */
function divided(numerator: bigint, denominator: bigint): string | null {
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator)
  const reduced = denominator / divisor
  const [afterTwos, twos] = without(reduced, 2n)
  const [rest, fives] = without(afterTwos, 5n)
  if (rest !== 1n) return null
  const decimals = Math.max(twos, fives)
  return `${(numerator / divisor) * (tenTo(decimals) / reduced)}e-${decimals}`
}

function without(number: bigint, factor: bigint): readonly [bigint, number] {
  let rest = number
  let count = 0
  for (; rest % factor === 0n; count += 1) rest /= factor
  return [rest, count]
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [greater, smaller] = [a, b]
  while (smaller !== 0n) [greater, smaller] = [smaller, greater % smaller]
  return greater
}
