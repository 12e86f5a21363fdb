import { language } from '../language/language'
import { Fault } from './fault'
import { asked, type Operation } from './operation'

export const ENDPOINT = '/graphql'

interface Reply<Answer> {
  data?: Answer | null
  errors?: { message: string; extensions?: { code?: string } }[]
}

/** One operation over HTTP, as whoever the token names. Throws a Fault. */
export async function send<Answer, Variables>(
  operation: Operation<Answer, Variables>,
  variables: Variables,
  token: string | null,
  signal?: AbortSignal,
): Promise<Answer> {
  let reply: Reply<Answer>
  try {
    const response = await fetch(ENDPOINT, {
      method: 'POST',
      signal,
      headers: {
        'Content-Type': 'application/json',
        'Accept-Language': language.value,
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify(asked(operation, variables)),
    })
    reply = (await response.json()) as Reply<Answer>
  } catch (thrown) {
    if (signal?.aborted) throw thrown
    throw new Fault('OFFLINE', '')
  }
  const error = reply.errors?.[0]
  if (error) throw new Fault(error.extensions?.code ?? 'INTERNAL', error.message)
  if (!reply.data) throw new Fault('INTERNAL', '')
  return reply.data
}
