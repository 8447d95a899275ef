import { generate } from 'selfsigned'

export interface TestCertificate {
  readonly key: string
  readonly cert: string
}

/** A certificate that nobody but itself has signed, for these names or addresses. */
export async function makeCertificate(
  validity: { readonly notBefore: Date; readonly notAfter: Date },
  ...addresses: readonly string[]
): Promise<TestCertificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'couplet test' }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: validity.notBefore,
    notAfterDate: validity.notAfter,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: addresses.map((ip) => ({ type: 7, ip })) },
    ],
  })
  return { key, cert }
}
