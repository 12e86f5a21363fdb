/** What a visitor sees first: hospitals, their departments, and the days that can be booked. */
export const WELCOME_QUERY = `# HTBooking
#
# 浏览医院、科室与可预约日期：点击 ▶ 或按 Ctrl-Enter 运行。
# Browse hospitals, departments and bookable days: press ▶ or Ctrl-Enter.
#
# 左侧书本图标是全部文档；下方 Headers 可改语言（Accept-Language: zh-CN 或 en）。
# The book on the left documents every field; Headers below sets the language (Accept-Language: zh-CN or en).

query Home {
  hospitals(first: 5) {
    nodes {
      name
      level {
        name
      }
      departments(first: 5) {
        nodes {
          name
          bookableDays(first: 7) {
            nodes {
              date
              state
              remaining
              capacity
            }
          }
        }
      }
    }
  }
}
`

/** Sent with every request until somebody changes them. */
export const WELCOME_HEADERS = `{
  "Accept-Language": "${navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'}"
}
`
