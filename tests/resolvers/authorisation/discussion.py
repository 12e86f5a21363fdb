"""The discussion area: read by everybody, but for what waits for a moderator or is hidden."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import EVERYBODY, THE_OWNER, Owned, Part, Row, Told, Way, platform_staff

MODERATORS = platform_staff(Permission.MODERATE_DISCUSSION)

TYPES: dict[str, Row] = {
    "Post": Owned(
        clear="id title body authorName state replyCount createdAt",
        relative="isOwn hiddenReason",
        at="Query.post PostConnection.nodes PostEdge.node PostCreated.post",
    ),
    "Reply": Owned(
        clear="id postId body authorName state createdAt",
        relative="isOwn hiddenReason",
        at="ReplyConnection.nodes ReplyEdge.node ReplyCreated.reply",
    ),
    "Contribution": Owned(
        clear="id postId title body authorName state hiddenReason createdAt",
        parts="reports",
        at="ContributionConnection.nodes ContributionEdge.node ContributionModerated.contribution",
    ),
    "ContributionReport": Part(clear="reason note createdAt", at="Contribution.reports"),
    "PostCreated": Told(leads_to="post"),
    "ReplyCreated": Told(leads_to="reply"),
    "ContributionDeleted": Told(clear="id"),
    "ContributionReported": Told(clear="id"),
    "ContributionModerated": Told(leads_to="contribution"),
    "TooManyContributions": Told(clear="message code nextAt"),
}

LISTS = {
    "PostConnection": "Query.posts",
    "ReplyConnection": "Query.replies",
    "ContributionConnection": "Query.moderationQueue",
}

WAYS = [
    Way("posts(first: 100)", "Post", EVERYBODY),
    Way("posts(first: 100)", "Post/pending", THE_OWNER),
    Way('post(id: "{Post}")', "Post", EVERYBODY),
    Way('post(id: "{Post/pending}")', "Post/pending", THE_OWNER),
    Way('replies(postId: "{Post}", first: 100)', "Reply", EVERYBODY),
    Way("moderationQueue(first: 100)", "Contribution", MODERATORS),
]
