import { ref } from 'vue'

export type Language = 'zh-CN' | 'en'

const YEAR_SECONDS = 31_536_000
/** The server writes the first page in the language that this cookie names. */
const COOKIE = 'htb_language'

/** What the page is written in. The server has decided it and set it on `<html>`. */
export const language = ref<Language>(document.documentElement.lang.startsWith('en') ? 'en' : 'zh-CN')

/** Keep the choice in this browser. */
export function choose(chosen: Language): void {
  language.value = chosen
  document.documentElement.lang = chosen
  document.cookie = `${COOKIE}=${chosen}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
}
