import { type Place, places } from '../../kit/seed/words.ts'

const byPostCode = new Map<string, Place>(places.map((place) => [place.postCode, place]))

/** The place of a post code as the table of post codes has it; null for an unknown one. */
export function placeOfPostCode(
  postCode: string,
): { readonly city: string; readonly state: string; readonly country: string } | null {
  const place = byPostCode.get(postCode)
  return place === undefined ? null : { city: place.city, state: place.county, country: place.country }
}
