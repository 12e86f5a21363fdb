"""Pushes a folder that an older hospital system exported: hospital.json, department.json and schedule.json.

    htbooking-push-export --endpoint https://booking.example/graphql --key-id hk_… --secret … --folder export

The package's README.md says which of the older names becomes which of the graph's. Values go out as they came: the
platform judges them, and whatever it refuses is printed with its place in the file, its field and the reason.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from htbooking_hospital.batching import MOST_BYTES, MOST_ITEMS
from htbooking_hospital.client import HospitalClient
from htbooking_hospital.errors import HTBookingError, RefusedError
from htbooking_hospital.older_export import OWNER, Export, ExportError, Item, read_export
from htbooking_hospital.wire import Retries

CHINA = timezone(timedelta(hours=8))
PATIENCE = Retries(attempts=3)


_HOSPITAL_MUTATION = """
mutation($input: UpsertHospitalInput!) {
  answer: upsertHospital(input: $input) {
    __typename
    ... on HospitalUpserted { replayed hospital { code } }
    ... on InvalidInput { message fields { field code message } }
    ... on Problem { message }
  }
}
"""
_BATCH_MUTATION = """
mutation($input: %(kind)sInput!) {
  answer: %(operation)s(input: $input) {
    __typename
    ... on CataloguePushed { created replaced replayed refused { index field code message } }
    ... on InvalidBatch { message items { index field code message } }
    ... on InvalidInput { message fields { field code message } }
    ... on Problem { message }
  }
}
"""


class Push:
    """Sends an export batch by batch and says what became of each."""

    def __init__(
        self, client: HospitalClient, export: Export, *, batch_size: int, all_or_nothing: bool, salt: str
    ) -> None:
        self._client = client
        self._export = export
        self._batch_size = batch_size
        self._all_or_nothing = all_or_nothing
        self._salt = salt
        self.refused = len(export.not_sent)

    def run(self) -> None:
        """Push everything. Raises HTBookingError when the platform can't be reached or doesn't know the key."""
        for line in self._export.not_sent:
            say(f"not sent  {line}")
        for line in self._export.unknown_names:
            say(f"ignored   names without a place in the graph: {line}")
        self._push_hospital()
        self._push_batches("upsertDepartments", self._export.departments)
        self._push_batches("upsertSchedules", self._export.schedules)

    def _push_hospital(self) -> None:
        item = self._export.hospital
        body = {"hospital": item.fields}
        answer = self._answer(_HOSPITAL_MUTATION, "upsertHospital", body)
        if answer is None:
            return
        if answer["__typename"] != "HospitalUpserted":
            say(f"upsertHospital: refused, {answer['message']}")
            self._name_fields(answer, item)
            return
        say(f"upsertHospital: taken{_replayed(answer)}")
        code = answer["hospital"]["code"]
        if code != self._export.hospital_code:
            raise ExportError(
                f"This key is of the hospital {code}, but the export says {OWNER} {self._export.hospital_code!r}. "
                f"The entry of {code} was replaced; push its own export to put it right. Nothing more was sent."
            )

    def _push_batches(self, operation: str, items: Sequence[Item]) -> None:
        kind = operation[0].upper() + operation[1:]
        mutation = _BATCH_MUTATION % {"kind": kind, "operation": operation}
        for batch in batches(items, self._batch_size):
            body = {"items": [item.fields for item in batch], "allOrNothing": self._all_or_nothing}
            say(f"{operation}: {len(batch)} sent, {batch[0].origin} to {batch[-1].origin}")
            answer = self._answer(mutation, operation, body)
            if answer is None:
                continue
            if answer["__typename"] == "CataloguePushed":
                refused = {problem["index"] for problem in answer["refused"]}
                figures = f"{answer['created']} created, {answer['replaced']} replaced, {len(refused)} refused"
                say(f"  {figures}{_replayed(answer)}")
                self._name_items(answer["refused"], batch)
            else:
                say(f"  nothing taken: {answer['message']}")
                self._name_items(answer.get("items", []), batch)
                self._name_fields(answer, None)

    def _answer(self, mutation: str, operation: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The mutation's answer; None, with the reasons printed, when the graph couldn't read the input at all."""
        call = {"idempotencyKey": self._key(operation, body), **body}
        try:
            answer: dict[str, Any] = self._client.execute(mutation, {"input": call})["answer"]
        except RefusedError as refusal:
            if refusal.code != "BAD_REQUEST":
                raise
            say(f"{operation}: nothing taken, the input doesn't fit the graph")
            for error in refusal.errors:
                say(f"    {error['message']}")
            self.refused += len(refusal.errors)
            return None
        return answer

    def _key(self, operation: str, body: dict[str, Any]) -> str:
        """The same batch of the same export always has the same key, so repeating a broken-off run is harmless."""
        content = json.dumps([operation, self._export.stamp, self._salt, body], sort_keys=True, ensure_ascii=False)
        return f"older-export-{hashlib.sha256(content.encode()).hexdigest()[:48]}"

    def _name_items(self, problems: Sequence[Mapping[str, Any]], batch: Sequence[Item]) -> None:
        for problem in problems:
            index = problem["index"]
            said = f"{problem['field']}  {problem['code']}  {problem['message']}"
            say(f"    [{index}] {batch[index].origin}  {said}")
        self.refused += len({problem["index"] for problem in problems})

    def _name_fields(self, answer: Mapping[str, Any], item: Item | None) -> None:
        for problem in answer.get("fields", []):
            where = f"{item.origin}  " if item else ""
            say(f"    {where}{problem['field']}  {problem['code']}  {problem['message']}")
        self.refused += 1


def batches(items: Sequence[Item], most: int) -> Iterator[list[Item]]:
    """The items in order, in lists of at most so many, and small enough for one request."""
    batch: list[Item] = []
    size = 0
    for item in items:
        bytes_needed = len(json.dumps(item.fields, ensure_ascii=False).encode())
        if batch and (len(batch) == most or size + bytes_needed > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += bytes_needed
    if batch:
        yield batch


def _replayed(answer: Mapping[str, Any]) -> str:
    return " (replayed: this call was made before, nothing was done again; see --again)" if answer["replayed"] else ""


# ---- the command ----


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0 everything was taken, 1 something was refused, 2 the push could not be made."""
    arguments = _parser().parse_args(words)
    if not arguments.key_id or not arguments.secret:
        complain("Give --key-id and --secret, or set HTBOOKING_KEY_ID and HTBOOKING_SECRET.")
        return 2
    first_day = datetime.now(CHINA).date() if arguments.shift_to_today else None
    try:
        export = read_export(arguments.folder, first_day)
        with HospitalClient(
            arguments.endpoint, arguments.key_id, arguments.secret, language=arguments.language, retries=PATIENCE
        ) as client:
            push = Push(
                client,
                export,
                batch_size=arguments.batch_size,
                all_or_nothing=arguments.all_or_nothing,
                salt=secrets.token_hex(8) if arguments.again else "",
            )
            push.run()
    except ExportError as error:
        complain(str(error))
        return 2
    except HTBookingError as error:
        complain(f"{error}\nRun the same command again when that is mended: what was taken is not done twice.")
        return 2
    say(f"{push.refused} refused in all" if push.refused else "everything was taken")
    return 1 if push.refused else 0


def run() -> None:
    """The console script."""
    sys.exit(main())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Push an older hospital system's export to HTBooking.")
    parser.add_argument("--endpoint", required=True, help="the graph's address, ending in /graphql")
    parser.add_argument("--key-id", default=os.environ.get("HTBOOKING_KEY_ID"), help="or HTBOOKING_KEY_ID")
    parser.add_argument(
        "--secret",
        default=os.environ.get("HTBOOKING_SECRET"),
        help="or HTBOOKING_SECRET, which other users of this machine can't see",
    )
    parser.add_argument(
        "--folder", required=True, type=Path, help="holds hospital.json, department.json, schedule.json"
    )
    parser.add_argument(
        "--shift-to-today", action="store_true", help="move all sessions so that the earliest is today (in China)"
    )
    parser.add_argument("--all-or-nothing", action="store_true", help="take a batch only if every row of it is good")
    parser.add_argument("--again", action="store_true", help="make new calls of an export that was pushed before")
    parser.add_argument("--batch-size", type=_batch_size, default=500, help="rows per call, 1 to 1000; 500 if left out")
    parser.add_argument("--language", choices=("en", "zh-CN"), default="en", help="of the platform's messages")
    return parser


def _batch_size(text: str) -> int:
    size = int(text)
    if not 1 <= size <= MOST_ITEMS:
        raise argparse.ArgumentTypeError(f"1 to {MOST_ITEMS}")
    return size


def say(line: str) -> None:
    """A line of the report. What the file holds may not move the terminal's cursor."""
    sys.stdout.write("".join(character for character in line if character.isprintable()) + "\n")


def complain(line: str) -> None:
    """Why the push could not be made."""
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    run()
