import { accessToken, refresh } from '../session/session'
import { Fault } from './fault'
import type { Operation } from './operation'
import { send } from './transport'

const WORN_OUT = new Set(['TOKEN_EXPIRED', 'TOKEN_INVALID', 'SESSION_ENDED', 'UNAUTHENTICATED'])

/** One operation as whoever is signed in; a token that is worn out is renewed on the way. Throws a Fault. */
export async function ask<Answer, Variables>(
  operation: Operation<Answer, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Answer> {
  const token = await accessToken()
  try {
    return await send(operation, variables, token, signal)
  } catch (thrown) {
    const again = thrown instanceof Fault && WORN_OUT.has(thrown.code) && token !== null && (await refresh())
    if (!again) throw thrown
    return send(operation, variables, await accessToken(), signal)
  }
}
