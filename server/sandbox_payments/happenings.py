"""What happens to trades and refunds at the simulated providers, each with the message that it owes."""

import sqlite3
from dataclasses import dataclass

from datasources.payments.channel import Provider
from server.sandbox_payments import alipay_fields, wechat_fields
from server.sandbox_payments.notifies import Hurry, queue
from server.sandbox_payments.refunds import Refund, RefundStep, finish_due, paid_out, refunds_of
from server.sandbox_payments.switches import Notifies
from server.sandbox_payments.trades import Trade, lapse, late_payers, paid, trade


@dataclass(frozen=True, slots=True)
class Happenings:
    """How fast things go."""

    hurry: Hurry

    def pay(
        self,
        books: sqlite3.Connection,
        found: Trade,
        now: float,
        *,
        amount: int | None = None,
        how: Notifies | None = None,
    ) -> Trade | None:
        """The money arrives, and the platform is told. None when it was paid before."""
        done = paid(books, found, now, amount)
        if done is not None:
            fields = (
                wechat_fields.paid_notice(done)
                if done.provider is Provider.WECHAT_PAY
                else alipay_fields.paid_notice(done)
            )
            self._tell(books, done, done.notify_url, fields, now, how=how)
        return done

    def tell_refund(self, books: sqlite3.Connection, refund: Refund, now: float) -> None:
        """The platform is told of a decided refund; Alipay tells only of those that arrived."""
        found = trade(books, refund.provider, refund.trade)
        if found is None:
            return
        if refund.provider is Provider.WECHAT_PAY:
            fields = wechat_fields.refund_notice(refund, found)
            self._tell(books, found, refund.notify_url, fields, now, refund=refund.number)
        elif refund.state is RefundStep.SUCCESS:
            told = alipay_fields.refund_notice(refund, found, refunds_of(books, found))
            self._tell(books, found, found.notify_url, told, now, refund=refund.number)

    def pay_out(self, books: sqlite3.Connection, provider: Provider, number: str, now: float) -> bool:
        """Somebody at the provider puts an ABNORMAL refund right."""
        refund = paid_out(books, provider, number, now)
        if refund is not None:
            self.tell_refund(books, refund, now)
        return refund is not None

    def catch_up(self, books: sqlite3.Connection, now: float) -> None:
        """All that time alone brings about until now."""
        lapse(books, now)
        for found in late_payers(books, now):
            self.pay(books, found, now)
        for refund in finish_due(books, now):
            self.tell_refund(books, refund, now)

    def _tell(
        self,
        books: sqlite3.Connection,
        found: Trade,
        url: str,
        fields: dict[str, str] | dict[str, object],
        now: float,
        *,
        refund: str | None = None,
        how: Notifies | None = None,
    ) -> None:
        queue(
            books,
            found.provider,
            url,
            fields,
            trade=found.number,
            refund=refund,
            now=now,
            hurry=self.hurry,
            how=how,
        )
