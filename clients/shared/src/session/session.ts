import { computed, ref, shallowRef } from 'vue'
import { Fault } from '../graph/fault'
import { send } from '../graph/transport'
import { RefreshSession, SignOut, WhoAmI } from '../operations/generated/session'
import type { MeFragment } from '../operations/generated/types'

/** Renewed so long before it expires. */
const EARLY_MS = 60_000
const TRIES_WHILE_BUSY = 3
/** Says that a cookie may be there, so that visitors ask nothing. The cookie itself is hidden from scripts. */
const MARK = 'htb.signed-in'

interface Token {
  value: string
  expiresAt: number
}

let token: Token | null = null
let renewal: Promise<boolean> | null = null

/** Who is signed in. */
export const me = shallowRef<MeFragment | null>(null)
/** Changes with the person, not with the token. */
export const whoIsSignedIn = computed(() => me.value?.id ?? null)
/** Whether it is known yet if anybody is signed in. */
export const settled = ref(localStorage.getItem(MARK) === null)

/** The token to send, renewed in time; null for a visitor. */
export async function accessToken(): Promise<string | null> {
  if (token && token.expiresAt - EARLY_MS <= Date.now()) await refresh()
  return token?.value ?? null
}

/** Begin the session that an answer brought. */
export async function begin(signedIn: { accessToken: string; expiresAt: string }): Promise<void> {
  keep(signedIn)
  localStorage.setItem(MARK, '1')
  await learnWho()
}

/** Go on with the session of an earlier visit, if there is one. */
export async function resume(): Promise<void> {
  try {
    if (!settled.value && (await refresh())) await learnWho()
  } catch {
    // Whoever is offline stays a visitor until the page is asked again.
  } finally {
    settled.value = true
  }
}

/** A new token by the browser's cookie; false if the session is over. One at a time. */
export function refresh(): Promise<boolean> {
  renewal ??= renew().finally(() => (renewal = null))
  return renewal
}

async function renew(): Promise<boolean> {
  for (let tries = 0; tries < TRIES_WHILE_BUSY; tries += 1) {
    const { refreshSession } = await send(RefreshSession, { input: { account: 'USER' } }, null)
    if (refreshSession.__typename === 'SessionRefreshed') {
      keep(refreshSession)
      return true
    }
    if (refreshSession.__typename !== 'SessionBusy') break
    const { retryAfterSeconds } = refreshSession
    await new Promise((done) => setTimeout(done, retryAfterSeconds * 1000))
  }
  forget()
  return false
}

/** Ask again who it is: the name or the verification changed. */
export async function learnWho(): Promise<void> {
  const answer = await send(WhoAmI, {}, await accessToken())
  me.value = answer.me
}

export async function signOut(): Promise<void> {
  try {
    await send(SignOut, { input: { account: 'USER' } }, await accessToken())
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.isOffline) throw thrown
  }
  forget()
}

/** Nobody is signed in here any more. */
export function forget(): void {
  token = null
  me.value = null
  localStorage.removeItem(MARK)
}

function keep(given: { accessToken: string; expiresAt: string }): void {
  token = { value: given.accessToken, expiresAt: Date.parse(given.expiresAt) }
}

// What another tab does about the session holds here too.
addEventListener('storage', (event) => {
  if (event.key !== MARK) return
  if (event.newValue === null) {
    token = null
    me.value = null
  } else {
    settled.value = false
    void resume()
  }
})
