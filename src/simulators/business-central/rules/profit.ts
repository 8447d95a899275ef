import { difference, quotient } from './decimal.ts'

/** Share of the price that is no cost, in percent with five decimals; 0 without a price. */
export function profitPercent(price: string, cost: string): string {
  const margin = difference(price, cost)
  return price === '0' ? '0' : quotient(quotient(margin, '0.01', 20), price, 5)
}
