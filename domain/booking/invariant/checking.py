"""One check of what must agree. It reads only, and cries no wolf: each session is seen at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from datasources.faults import Store, unavailable_store
from datasources.mongo.schedule_keys import ScheduleKeys, TextKey
from datasources.sql.ledger_check import LedgerChecks, SessionFacts
from datasources.stores import Stores
from domain.booking.invariant.findings import Finding, findings_of
from domain.booking.invariant.texts import missing_texts, orphaned_texts

SESSIONS_AT_ONCE = 200
TEXTS_AT_ONCE = 1_000

_log = structlog.get_logger(component="invariant")


@dataclass(slots=True)
class Checked:
    """What a check looked at and found."""

    sessions: int = 0
    texts: bool = True
    """Whether the catalogue was compared too."""
    findings: list[Finding] = field(default_factory=list)
    orphans: dict[str, TextKey] = field(default_factory=dict)
    """Texts of no session, by their keys."""

    @property
    def breaches(self) -> list[Finding]:
        """Those of the findings that break a promise."""
        return [finding for finding in self.findings if finding.is_breach]


async def check_sessions(
    stores: Stores, *, changed_since: datetime | None = None, besides: Sequence[str] = ()
) -> Checked:
    """Check every session and text, or the sessions changed since then and those `besides`.

    While MongoDB is down, the ledger is checked all the same.
    """
    checked, behind = Checked(), ""
    while True:
        async with stores.sql.read() as session:
            batch = await LedgerChecks(session).sessions(
                behind, changed_since=changed_since, besides=besides, most=SESSIONS_AT_ONCE
            )
        if not batch:
            break
        behind = batch[-1].schedule_id
        checked.sessions += len(batch)
        checked.findings += [finding for facts in batch for finding in findings_of(facts)]
        if checked.texts:
            await _look_at_texts(stores, checked, batch)
    if changed_since is None and checked.texts:
        await _look_for_orphans(stores, checked)
    return checked


async def _look_at_texts(stores: Stores, checked: Checked, batch: Sequence[SessionFacts]) -> None:
    try:
        await stores.catalogue.bind()
        checked.findings += await missing_texts(stores.sql, batch)
    except Exception as error:
        if unavailable_store(error) is not Store.MONGODB:
            raise
        _without_texts(checked, error)


async def _look_for_orphans(stores: Stores, checked: Checked) -> None:
    behind = ""
    try:
        await stores.catalogue.bind()
        while texts := await ScheduleKeys().behind(behind, TEXTS_AT_ONCE):
            behind = texts[-1].schedule_id
            for finding, text in await orphaned_texts(stores.sql, texts):
                checked.findings.append(finding)
                checked.orphans[finding.schedule_id] = text
    except Exception as error:
        if unavailable_store(error) is not Store.MONGODB:
            raise
        _without_texts(checked, error)


def _without_texts(checked: Checked, error: Exception) -> None:
    checked.texts = False
    _log.warning("the catalogue is not compared: MongoDB does not answer", error=type(error).__name__)
