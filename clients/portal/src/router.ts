import { nextTick } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import HomePage from './pages/HomePage.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** Only for somebody who is signed in. */
    own?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/', name: 'home', component: HomePage },
    {
      path: '/hospitals/:hospital',
      name: 'hospital',
      props: true,
      component: () => import('./pages/HospitalPage.vue'),
    },
    {
      path: '/hospitals/:hospital/departments/:department',
      name: 'department',
      props: true,
      component: () => import('./pages/DepartmentPage.vue'),
    },
    {
      path: '/book/:session',
      name: 'book',
      props: true,
      component: () => import('./pages/BookingPage.vue'),
      meta: { own: true },
    },
    { path: '/orders', name: 'orders', component: () => import('./pages/OrdersPage.vue'), meta: { own: true } },
    {
      path: '/orders/:order',
      name: 'order',
      props: true,
      component: () => import('./pages/OrderPage.vue'),
      meta: { own: true },
    },
    {
      path: '/orders/:order/pay',
      name: 'pay',
      props: true,
      component: () => import('./pages/PaymentPage.vue'),
      meta: { own: true },
    },
    {
      path: '/orders/:order/reschedule',
      name: 'reschedule',
      props: true,
      component: () => import('./pages/ReschedulePage.vue'),
      meta: { own: true },
    },
    { path: '/waitlist', name: 'waitlist', component: () => import('./pages/WaitlistPage.vue'), meta: { own: true } },
    { path: '/patients', name: 'patients', component: () => import('./pages/PatientsPage.vue'), meta: { own: true } },
    {
      path: '/verification',
      name: 'verification',
      component: () => import('./pages/VerificationPage.vue'),
      meta: { own: true },
    },
    {
      path: '/notifications',
      name: 'notifications',
      component: () => import('./pages/NotificationsPage.vue'),
      meta: { own: true },
    },
    { path: '/account', name: 'account', component: () => import('./pages/AccountPage.vue'), meta: { own: true } },
    { path: '/announcements', name: 'announcements', component: () => import('./pages/AnnouncementsPage.vue') },
    {
      path: '/announcements/:announcement',
      name: 'announcement',
      props: true,
      component: () => import('./pages/AnnouncementPage.vue'),
    },
    { path: '/discussion', name: 'discussion', component: () => import('./pages/DiscussionPage.vue') },
    {
      path: '/discussion/write',
      name: 'write-post',
      component: () => import('./pages/WritePostPage.vue'),
      meta: { own: true },
    },
    {
      path: '/discussion/:post',
      name: 'post',
      props: true,
      component: () => import('./pages/PostPage.vue'),
    },
    { path: '/help', name: 'help', component: () => import('./pages/HelpPage.vue') },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/MissingPage.vue') },
  ],
  scrollBehavior(to, from, saved) {
    if (saved) return saved
    if (to.path === from.path) return {}
    return { top: 0 }
  },
})

// Whoever listens to the page instead of looking at it is taken to the new heading.
router.afterEach(async (to, from) => {
  if (to.path === from.path || from.matched.length === 0) return
  await nextTick()
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true })
})

// A page whose file is gone has been built anew since: the whole is fetched again.
router.onError((_fault, to) => {
  if (navigator.onLine) location.assign(to.fullPath)
})
