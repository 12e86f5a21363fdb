"""Reading the discussion area: what is shown to whom, and what waits for moderators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import fetch

Place = tuple[datetime, UUID]

_WRITTEN = """SELECT c.id, c.post_id, c.title, c.body, c.state, c.hidden_reason, c.created_at, c.author_id, a.nickname,
  (SELECT count(*) FROM contribution r WHERE r.post_id = c.id AND r.state = 'VISIBLE') AS reply_count"""
_FROM = " FROM contribution c JOIN user_account a ON a.id = c.author_id"
# $1 is who looks: what is visible is everybody's, the rest only its author's.
_SHOWN = "(c.state = 'VISIBLE' OR (c.author_id = $1::uuid AND c.state <> 'DELETED'))"
_POSTS = f" WHERE c.post_id IS NULL AND {_SHOWN}"
_REPLIES = f""" WHERE c.post_id = $2 AND {_SHOWN} AND EXISTS (SELECT FROM contribution p WHERE p.id = c.post_id
  AND (p.state = 'VISIBLE' OR (p.author_id = $1::uuid AND p.state <> 'DELETED')))"""
# $1 is a state, or null for all that has to be decided.
_TO_DECIDE = """ WHERE CASE WHEN $1::text IS NULL THEN c.state = 'PENDING' OR (c.state = 'VISIBLE' AND EXISTS (
  SELECT FROM contribution_report o WHERE o.contribution_id = c.id AND o.settled_at IS NULL)) ELSE c.state = $1 END"""
_REPORTS = """, p.title AS post_title, (SELECT coalesce(jsonb_agg(jsonb_build_object('reason', o.reason, 'note', o.note,
  'created_at', o.created_at) ORDER BY o.created_at), '[]')::text FROM contribution_report o
  WHERE o.contribution_id = c.id AND o.settled_at IS NULL) AS reports"""


@dataclass(frozen=True, slots=True)
class Written:
    """A post or reply with what is shown beside it."""

    id: UUID
    post_id: UUID | None
    title: str
    body: str
    state: str
    hidden_reason: str
    created_at: datetime
    author_id: UUID
    nickname: str
    """Its author's, as it now is."""
    reply_count: int
    """Of a post: how many replies everybody sees."""


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What somebody finds wrong with it. Who, is nobody's business."""

    reason: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Moderated:
    """A post or reply as moderators see it."""

    written: Written
    post_title: str
    """Of a reply: what it replies to."""
    reports: Sequence[OpenReport]


class ContributionReads:
    """Reads inside the session it is given. `reader_id` is None for whoever has no account."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def posts(self, reader_id: UUID | None, most: int, behind: Place | None = None) -> Sequence[Written]:
        """Posts that the reader sees, the latest first."""
        query = f"""{_WRITTEN}{_FROM}{_POSTS} AND ($2::timestamptz IS NULL OR (c.created_at, c.id) < ($2, $3::uuid))
          ORDER BY c.created_at DESC, c.id DESC LIMIT $4"""
        return [_written(row) for row in await fetch(self._session, query, reader_id, *(behind or (None, None)), most)]

    async def post_count(self, reader_id: UUID | None) -> int:
        """How many posts the reader sees."""
        return _count(await fetch(self._session, f"SELECT count(*){_FROM}{_POSTS}", reader_id))

    async def post(self, reader_id: UUID | None, id: UUID) -> Written | None:
        """The post of this id, if the reader sees it."""
        rows = await fetch(self._session, f"{_WRITTEN}{_FROM}{_POSTS} AND c.id = $2", reader_id, id)
        return _written(rows[0]) if rows else None

    async def replies(
        self, reader_id: UUID | None, post_id: UUID, most: int, behind: Place | None = None
    ) -> Sequence[Written]:
        """The replies that the reader sees to a post that the reader sees, the earliest first."""
        query = f"""{_WRITTEN}{_FROM}{_REPLIES} AND ($3::timestamptz IS NULL OR (c.created_at, c.id) > ($3, $4::uuid))
          ORDER BY c.created_at, c.id LIMIT $5"""
        rows = await fetch(self._session, query, reader_id, post_id, *(behind or (None, None)), most)
        return [_written(row) for row in rows]

    async def reply_count(self, reader_id: UUID | None, post_id: UUID) -> int:
        """How many of its replies the reader sees."""
        return _count(await fetch(self._session, f"SELECT count(*){_FROM}{_REPLIES}", reader_id, post_id))

    async def reply(self, reader_id: UUID | None, id: UUID) -> Written | None:
        """The reply of this id, if the reader sees it."""
        rows = await fetch(
            self._session, f"{_WRITTEN}{_FROM} WHERE c.post_id IS NOT NULL AND {_SHOWN} AND c.id = $2", reader_id, id
        )
        return _written(rows[0]) if rows else None

    async def to_decide(self, state: str | None, most: int, behind: Place | None = None) -> Sequence[Moderated]:
        """What waits for a moderator or was reported, or all of one state, the earliest first."""
        query = f"""{_WRITTEN}{_REPORTS}{_FROM} LEFT JOIN contribution p ON p.id = c.post_id{_TO_DECIDE}
          AND ($2::timestamptz IS NULL OR (c.created_at, c.id) > ($2, $3::uuid))
          ORDER BY c.created_at, c.id LIMIT $4"""
        return [_moderated(row) for row in await fetch(self._session, query, state, *(behind or (None, None)), most)]

    async def to_decide_count(self, state: str | None) -> int:
        """How many of these there are."""
        return _count(await fetch(self._session, f"SELECT count(*){_FROM}{_TO_DECIDE}", state))

    async def moderated(self, id: UUID) -> Moderated | None:
        """The one of this id, as moderators see it."""
        query = f"{_WRITTEN}{_REPORTS}{_FROM} LEFT JOIN contribution p ON p.id = c.post_id WHERE c.id = $1"
        rows = await fetch(self._session, query, id)
        return _moderated(rows[0]) if rows else None


def _written(row: asyncpg.Record) -> Written:
    return Written(**{name: row[name] for name in Written.__slots__})


def _moderated(row: asyncpg.Record) -> Moderated:
    reports = [
        OpenReport(each["reason"], each["note"], datetime.fromisoformat(each["created_at"]))
        for each in orjson.loads(row["reports"])
    ]
    return Moderated(_written(row), row["post_title"] or "", reports)


def _count(rows: Sequence[asyncpg.Record]) -> int:
    count: int = rows[0][0]
    return count
