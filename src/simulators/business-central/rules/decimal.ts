/** A decimal as a whole number of its last digits: `12.50` is 1250 with scale 2. */
interface Scaled {
  readonly digits: bigint
  readonly scale: number
}

function scaledOf(text: string): Scaled {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? []
  return { digits: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length }
}

/** The text of a decimal without zeros that say nothing: `12.50` is `12.5`, `-0.0` is `0`. */
export function shortest(text: string): string {
  const { digits, scale } = scaledOf(text)
  const negative = digits < 0n
  const all = (negative ? -digits : digits).toString().padStart(scale + 1, '0')
  const whole = all.slice(0, all.length - scale)
  const fraction = scale === 0 ? '' : all.slice(all.length - scale).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** `dividend ÷ divisor`, rounded half away from zero to so many digits; the divisor is not zero. */
export function quotient(dividend: string, divisor: string, scale: number): string {
  const [a, b] = [scaledOf(dividend), scaledOf(divisor)]
  const numerator = a.digits * 10n ** BigInt(b.scale + scale)
  const denominator = b.digits * 10n ** BigInt(a.scale)
  const doubled = (2n * numerator) / denominator
  return shortest(fixed((doubled + (doubled < 0n ? -1n : 1n)) / 2n, scale))
}

/** `minuend − subtrahend`, exact. */
export function difference(minuend: string, subtrahend: string): string {
  const [a, b] = [scaledOf(minuend), scaledOf(subtrahend)]
  const scale = Math.max(a.scale, b.scale)
  const lifted = (each: Scaled): bigint => each.digits * 10n ** BigInt(scale - each.scale)
  return shortest(fixed(lifted(a) - lifted(b), scale))
}

function fixed(digits: bigint, scale: number): string {
  const negative = digits < 0n
  const all = (negative ? -digits : digits).toString().padStart(scale + 1, '0')
  const text = scale === 0 ? all : `${all.slice(0, -scale)}.${all.slice(-scale)}`
  return negative ? `-${text}` : text
}

/** The decimal that a JSON number token stands for, without an exponent. */
export function decimalOfToken(token: string): string {
  const [mantissa = '0', exponent] = token.toLowerCase().split('e')
  if (exponent === undefined) return shortest(mantissa)
  const { digits, scale } = scaledOf(mantissa)
  const shift = Number(exponent) - scale
  return shortest(shift >= 0 ? `${digits * 10n ** BigInt(shift)}` : fixed(digits, -shift))
}
