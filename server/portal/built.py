"""What `clients/portal` built: the page's frame, which file each part of it needs, and the texts of its operations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import orjson

from server.http.trusted_documents import MANIFEST, documents_in

BUILT = Path(__file__).parent.parent.parent / "clients" / "portal" / "dist"
FILES_PATH = "/portal"

_ENTRY = "index.html"
_LANGUAGE = '<html lang="zh-CN">'
_HEAD = "<!-- head -->"
_FIRST_ANSWER = "<!-- first answer -->"


@dataclass(frozen=True, slots=True)
class Built:
    """The files of one build."""

    folder: Path
    frame: str
    """The HTML that every page begins as."""
    manifest: Mapping[str, Any]
    """Vite's: for each source the built file and what it imports."""
    documents: Mapping[str, str]
    """Each operation's text by its name."""

    @classmethod
    def found(cls, folder: Path = BUILT) -> "Built | None":
        """What is there; None before the first build."""
        if not (folder / _ENTRY).is_file():
            return None
        frame = (folder / _ENTRY).read_text()
        missing = [mark for mark in (_LANGUAGE, _HEAD, _FIRST_ANSWER) if mark not in frame]
        if missing:
            raise ValueError(f"{folder / _ENTRY} lacks {', '.join(missing)}, which pages are filled in at")
        manifest = orjson.loads((folder / "manifest.json").read_bytes())
        return cls(folder, frame, manifest, documents_in(folder / MANIFEST))

    def page(self, *, language: str, head: str, sources: tuple[str, ...], first_answer: str) -> str:
        """A whole page. `head` is HTML; the files of `sources` are loaded along with the first ones."""
        links = "".join(self._links(sources))
        return (
            self.frame.replace(_LANGUAGE, f'<html lang="{language}">')
            .replace(_HEAD, head + links)
            .replace(_FIRST_ANSWER, first_answer)
        )

    def _links(self, sources: tuple[str, ...]) -> Iterator[str]:
        known = self._reached((_ENTRY,))
        for name in self._reached(sources):
            if name in known:
                continue
            part = self.manifest[name]
            yield f'<link rel="modulepreload" crossorigin href="{FILES_PATH}/{escape(part["file"])}">'
            for style in part.get("css", ()):
                yield f'<link rel="stylesheet" crossorigin href="{FILES_PATH}/{escape(style)}">'

    def _reached(self, sources: tuple[str, ...]) -> dict[str, None]:
        reached: dict[str, None] = {}
        waiting = [name for name in sources if name in self.manifest]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached[name] = None
                waiting += self.manifest[name].get("imports", ())
        return reached
