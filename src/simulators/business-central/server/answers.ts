import type { SimAnswer } from '../../kit/http.ts'

/** An answer with a JSON body whose text is ready; `rows` is what the service time is reckoned by. */
export function odataAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  rows = 1,
): SimAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/json; odata.metadata=minimal; odata.streaming=true',
      'odata-version': '4.0',
      ...headers,
    },
    body,
    rows,
  }
}
