"""What the front door says when it refuses a request before reading its document."""

from domain.language import Words

METHOD_NOT_ALLOWED = Words(
    "这里只接受 GET 与 POST，不接受 {method}。",
    "Only GET and POST are answered here, not {method}.",
)
MUTATION_BY_GET = Words(
    "GET 只能执行查询；{kind} 请用 POST 发送。",
    "GET runs queries only; send a {kind} by POST.",
)
SUBSCRIPTION_OVER_HTTP = Words(
    "订阅须用 WebSocket（graphql-transport-ws），不能经 HTTP 请求执行。",
    "A subscription needs a WebSocket (graphql-transport-ws); a plain request cannot run it.",
)
WRONG_CONTENT_TYPE = Words(
    "POST 的 Content-Type 须为 application/json（UTF-8），而不是 {given}。",
    "A POST must have the Content-Type application/json (UTF-8), not {given}.",
)
NOTHING_ACCEPTABLE = Words(
    "只能以 application/graphql-response+json 或 application/json 回答，而 Accept 都不接受。",
    "Answers are application/graphql-response+json or application/json; Accept takes neither.",
)
BATCH = Words(
    "不支持批量请求（数组）。请每个操作发一个请求，或把几个字段写进一个操作。",
    "Batches (an array of requests) are not supported. Send one request for each operation, or put several fields into"
    " one operation.",
)
NOT_JSON = Words("请求体不是有效的 JSON：{why}。", "The body is not valid JSON: {why}.")
NOT_AN_OBJECT = Words(
    "请求体须为 JSON 对象，含 query 字段。",
    "The body must be a JSON object with a query in it.",
)
BODY_MISSING = Words(
    "请求体为空，须为含 query 的 JSON 对象。", "The body is empty; it must be a JSON object with a query."
)
QUERY_MISSING = Words(
    "缺少参数 query（或 documentId）。", "The parameter query is missing; a documentId would do as well."
)
UNKNOWN_DOCUMENT = Words(
    "服务器不认识这个操作编号。页面可能已更新，请刷新；程序请发送 query 全文。",
    "The server knows no document of this id. A page may have been renewed: load it again. A program sends its query.",
)
TRUSTED_DOCUMENTS_ONLY = Words(
    "访客和患者账号只能执行平台页面自带的操作。其他查询请以工作人员身份登录，或用医院密钥签名。",
    "Visitors and patients can run the operations of the platform's own pages only. For others sign in as staff, or"
    " sign with an integration key.",
)
WRONG_PARAMETER = Words(
    "参数 {name} 须为{chinese_kind}，而不是 {given}。",
    "The parameter {name} must be {english_kind}, not {given}.",
)
BAD_VARIABLES_TEXT = Words(
    "参数 {name} 须为 JSON 对象，但它不是有效的 JSON：{why}。",
    "The parameter {name} must be a JSON object, but it is not valid JSON: {why}.",
)
STORE_UNAVAILABLE = Words(
    "{store} 暂时无法连接，请稍后重试。",
    "{store} cannot be reached for the moment. Try again shortly.",
)
FAULT = Words(
    "平台内部故障，已记录。联系我们时请提供编号 {request_id}。",
    "A fault inside the platform, which has been logged. Give us the number {request_id} when you write to us.",
)
