import { choose, type Language, language } from '@htbooking/shared/language/language'
import { shallowReactive } from 'vue'
import type { Words } from './zh-CN'

const files: Record<Language, () => Promise<{ words: Words }>> = {
  'zh-CN': () => import('./zh-CN'),
  en: () => import('./en'),
}

/** Every text of the pages, in the reader's language. */
export const w = shallowReactive({} as Words)

/** Bring the texts of the page's language. */
export async function loadWords(): Promise<void> {
  Object.assign(w, (await files[language.value]()).words)
}

/** Go on in another language. */
export async function switchTo(chosen: Language): Promise<void> {
  Object.assign(w, (await files[chosen]()).words)
  choose(chosen)
}
