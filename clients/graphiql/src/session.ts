import { RefreshStaff, SignInStaff, SignOutStaff, WhoIsStaff } from './operations/generated/session'

/** A staff member's sign-in. The access token stays in memory; the browser keeps the refresh token from scripts. */
export interface Session {
  accessToken: string
  expiresAt: number
  name: string
}

export interface Problem {
  __typename: string
  message: string
}

/** Refreshed so long before it expires. */
const EARLY_MS = 60_000

let current: Session | null = null
const listeners = new Set<() => void>()

export const session = {
  get: () => current,
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

function put(next: Session | null) {
  current = next
  listeners.forEach((listener) => listener())
}

async function ask(
  endpoint: string,
  { id, text }: { id: string; text: string | undefined },
  variables?: object,
  token?: string,
): Promise<any> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Accept-Language': navigator.language,
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    // By its id: a server may take nothing else from whoever is not signed in yet.
    body: JSON.stringify({ documentId: id, query: text, variables }),
  })
  return (await response.json()).data
}

/** Sign in; what is wrong, or null. */
export async function signIn(endpoint: string, input: Record<string, string>): Promise<Problem | null> {
  const answer = (await ask(endpoint, SignInStaff, { input }))?.signInAsStaff
  if (answer?.__typename !== 'StaffSignedIn') {
    return answer ?? { __typename: 'Fault', message: '暂时无法登录 · Sign-in does not answer' }
  }
  put({ accessToken: answer.accessToken, expiresAt: Date.parse(answer.expiresAt), name: answer.staff.signInName })
  return null
}

/** Go on with the sign-in that the browser's cookie remembers, if it does. */
export async function resume(endpoint: string): Promise<void> {
  const answer = (await ask(endpoint, RefreshStaff))?.refreshSession
  if (answer?.__typename !== 'SessionRefreshed') {
    // Another tab refreshes at this moment: its token is still good here.
    if (answer?.__typename !== 'SessionBusy') put(null)
    return
  }
  const name = current?.name ?? (await ask(endpoint, WhoIsStaff, undefined, answer.accessToken))?.myStaffAccount?.signInName
  put({ accessToken: answer.accessToken, expiresAt: Date.parse(answer.expiresAt), name: name ?? '' })
}

/** End the session here and in the browser. */
export async function signOut(endpoint: string): Promise<void> {
  if (current && current.expiresAt <= Date.now()) await resume(endpoint)
  await ask(endpoint, SignOutStaff, undefined, current?.accessToken)
  put(null)
}

/** The header that carries the sign-in; none while nobody is signed in. */
export async function authorization(endpoint: string): Promise<Record<string, string>> {
  if (current && current.expiresAt - EARLY_MS <= Date.now()) await resume(endpoint)
  return current ? { Authorization: `Bearer ${current.accessToken}` } : {}
}
