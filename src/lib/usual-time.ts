/** Whether a time in UTC (ISO text) has four digits in its year in every zone, for everything that reads it later. */
export function isUsualTime(utc: string): boolean {
  return utc >= '1900' && utc < '9999'
}
