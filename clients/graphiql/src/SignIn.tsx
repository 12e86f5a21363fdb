import { type FormEvent, useEffect, useState, useSyncExternalStore } from 'react'

import { resume, session, signIn, signOut } from './session'

const chinese = navigator.language.toLowerCase().startsWith('zh')
const say = (zh: string, en: string) => (chinese ? zh : en)

/** A strip above GraphiQL: who is signed in, or a form to become somebody. */
export function SignIn({ endpoint }: { endpoint: string }) {
  const signedIn = useSyncExternalStore(session.subscribe, session.get)
  const [codeNeeded, setCodeNeeded] = useState(false)
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    resume(endpoint).catch(() => setProblem(say('平台暂无回应', 'The platform does not answer')))
  }, [endpoint])

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const given = Object.fromEntries(new FormData(form)) as Record<string, string>
    setBusy(true)
    try {
      const wrong = await signIn(endpoint, given)
      setCodeNeeded(wrong?.__typename === 'SecondFactorNeeded' || (codeNeeded && wrong !== null))
      setProblem(wrong?.message ?? '')
    } catch {
      setProblem(say('暂时无法登录', 'Sign-in does not answer'))
    } finally {
      setBusy(false)
    }
  }

  if (signedIn) {
    return (
      <div className="sign-in" role="status">
        <span>{say('已登录：', 'Signed in: ')}<strong>{signedIn.name}</strong></span>
        <button type="button" onClick={() => void signOut(endpoint)}>{say('退出', 'Sign out')}</button>
      </div>
    )
  }
  return (
    <form className="sign-in" onSubmit={(event) => void submit(event)} aria-label={say('工作人员登录', 'Staff sign-in')}>
      <span>{say('工作人员', 'Staff')}</span>
      <input name="signInName" autoComplete="username" required aria-label={say('登录名', 'Sign-in name')}
        placeholder={say('登录名', 'Sign-in name')} />
      <input name="password" type="password" autoComplete="current-password" required
        aria-label={say('密码', 'Password')} placeholder={say('密码', 'Password')} />
      {codeNeeded && (
        <input name="totpCode" inputMode="numeric" autoComplete="one-time-code" autoFocus maxLength={7}
          aria-label={say('验证码', 'Code')} placeholder={say('六位验证码', '6-digit code')} />
      )}
      <button type="submit" disabled={busy}>{say('登录', 'Sign in')}</button>
      <span role="alert">{problem}</span>
    </form>
  )
}
