import '@htbooking/shared/tokens.css'
import './style.css'
import { resume } from '@htbooking/shared/session/session'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router'
import { loadWords } from './words/words'

void resume()
await loadWords()
createApp(App).use(router).mount('#portal')
