"""Trusted documents: the operations that the platform's own pages ship, asked for by the SHA-256 of their texts.

Pages send `documentId` (GraphQL over HTTP, appendix on persisted documents) or, as Apollo's clients do,
`extensions.persistedQuery.sha256Hash`. Nothing is ever added at run time.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from domain.callers import Caller, SignedInUser, Visitor
from domain.refusals import Refusal, RefusalCode
from server.http import words
from server.http.parameters import Parameters

CLIENTS = Path(__file__).parent.parent.parent / "clients"

PREFIX = "sha256:"
MANIFEST = "persisted-queries.json"


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """The documents that are known by an id, and whether people's browsers may send others."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """Each text by its id, without the prefix."""
    only: bool = False

    def settled(self, parameters: Parameters, caller: Caller) -> Parameters:
        """The parameters with the text that is to run.

        Refused (PERSISTED_QUERY_NOT_FOUND) when nothing but an unknown id is given, and (TRUSTED_DOCUMENTS_ONLY) when
        a visitor or a patient sends a text of their own and `only` holds. Staff and programs always may.
        """
        if parameters.document_id is not None:
            known = self.texts.get(parameters.document_id.removeprefix(PREFIX))
            if known is not None:
                return replace(parameters, query=known)
            if not parameters.query:
                raise Refusal(RefusalCode.PERSISTED_QUERY_NOT_FOUND, words.UNKNOWN_DOCUMENT)
        if self.only and isinstance(caller, Visitor | SignedInUser) and id_of(parameters.query) not in self.texts:
            raise Refusal(RefusalCode.TRUSTED_DOCUMENTS_ONLY, words.TRUSTED_DOCUMENTS_ONLY)
        return parameters


NONE_TRUSTED = TrustedDocuments()
"""Every text is taken, and no id."""


def id_of(text: str) -> str:
    """A document's id: the SHA-256 of its text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def documents_in(manifest: Path) -> Mapping[str, str]:
    """Each operation's text by its name, from what a client's build wrote; none without a build.

    The file has the form of Apollo's persisted query manifests. Raises ValueError where an id is another text's.
    """
    if not manifest.is_file():
        return {}
    texts: dict[str, str] = {}
    for operation in orjson.loads(manifest.read_bytes())["operations"]:
        if operation["id"] != id_of(operation["body"]):
            raise ValueError(f"{manifest}: {operation['name']} has the id of another text; build the client anew")
        texts[operation["name"]] = operation["body"]
    return texts


def trusted_documents(*, only: bool, clients: Path = CLIENTS) -> TrustedDocuments:
    """Those of each client that has been built."""
    manifests = sorted(clients.glob(f"*/dist/{MANIFEST}"))
    texts = [text for manifest in manifests for text in documents_in(manifest).values()]
    return TrustedDocuments({id_of(text): text for text in texts}, only)
