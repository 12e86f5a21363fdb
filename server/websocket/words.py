"""What the WebSocket says in its own words; the protocol's reasons stay as its specification has them."""

from domain.language import Words

TOO_MANY_OPERATIONS = Words(
    "一个连接最多同时运行 {limit} 个操作。请先结束（complete）不再需要的订阅。",
    "One connection runs at most {limit} operations at once. Complete the subscriptions that are no longer needed.",
)
TOKEN_EXPIRED = Words("访问令牌已过期 (token expired)", "token expired")
KEY_REVOKED = Words("集成密钥已吊销", "the integration key was revoked")
PHONE_REVOKED = Words("短信手机已吊销或重新接入", "the telephone was revoked or enrolled anew")
SESSION_ENDED = Words("登录已结束", "session ended")
RIGHTS_CHANGED = Words("权限已变更，请重新连接", "rights have changed, connect again")
