"""A visit to a page: what it logs, whether everybody can use it, and what it looks like."""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import BrowserContext, ConsoleMessage, Error, Page, Response, ViewportSize, expect

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "clients" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / ".build" / "e2e"
WIDTHS = (360, 1280)
SHEET = ViewportSize(width=794, height=1123)
"""A4."""
PATIENCE_SECONDS = 30
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


# Its own loop: Playwright's would evaluate text within the page, which the pages' policies forbid.
UNTIL_IT_FITS = """() => new Promise(done => {
  const look = () => document.documentElement.scrollWidth <= innerWidth ? done() : requestAnimationFrame(look)
  look()
})"""


@dataclass
class Visit:
    """One tab."""

    page: Page
    faults: list[str] = field(default_factory=list)
    """Errors of scripts, of the console, and answers of 400 and more."""

    @classmethod
    async def begun(cls, context: BrowserContext) -> "Visit":
        visit = cls(await context.new_page())
        visit.page.on("console", visit._console)
        visit.page.on("pageerror", visit._error)
        visit.page.on("response", visit._response)
        return visit

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _error(self, error: Error) -> None:
        self.faults.append(str(error))

    def _response(self, response: Response) -> None:
        if not response.ok and response.status >= 400:
            self.faults.append(f"{response.status} {response.url}")

    async def settled(self) -> None:
        """Wait until nothing is being loaded any more."""
        loading = self.page.get_by_role("status").filter(has_text=re.compile("Loading|正在加载"))
        await expect(loading).to_have_count(0)

    async def violations(self, of: str = "body") -> list[str]:
        """What axe-core finds wrong within this element, in the light and in the dark, by all its rules."""
        # Evaluated rather than added as a tag, which the pages' policies forbid, as they should.
        await self.page.evaluate(_axe())
        wrong: list[str] = []
        for scheme in SCHEMES:
            wrong += await self._wrong(of, scheme)
        await self.page.emulate_media(color_scheme="null")
        return wrong

    async def _wrong(self, of: str, scheme: Literal["light", "dark"]) -> list[str]:
        await self.page.emulate_media(color_scheme=scheme)
        found: dict[str, Any] = await self.page.evaluate("selector => axe.run(selector)", of)
        return [
            f"{scheme}: {each['id']}: {node['html'][:200]} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    async def examined(self, name: str) -> list[str]:
        """Violations of this page at each width, in the dark at the first alone: colours don't follow the width.

        Screenshots are left as `pictured` leaves them.
        """
        await self.page.evaluate(_axe())
        wrong: list[str] = []
        PICTURES.mkdir(parents=True, exist_ok=True)
        for width in WIDTHS:
            await self.page.emulate_media(color_scheme="light")
            await self.page.set_viewport_size({"width": width, "height": 800})
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.page.evaluate(UNTIL_IT_FITS)
            await self.page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
            for scheme in SCHEMES if width == WIDTHS[0] else SCHEMES[:1]:
                wrong += [f"{width}: {each}" for each in await self._wrong("body", scheme)]
        await self.page.emulate_media(color_scheme="null")
        return wrong

    async def pictured(self, name: str, *, printed: bool = False) -> None:
        """Screenshots at each width, left in .build/e2e for whoever wants to look; the paper too where it is printed.
        Nothing is wider than the page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for width in WIDTHS:
            await self.page.set_viewport_size({"width": width, "height": 800})
            # Waited for: GraphiQL's editors follow the window a moment later. Times out where something sticks out.
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.page.evaluate(UNTIL_IT_FITS)
            await self.page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        if printed:
            await self.page.emulate_media(media="print")
            await self.page.set_viewport_size(SHEET)
            await self.page.screenshot(path=PICTURES / f"{name}-printed.png", full_page=True)
            await self.page.emulate_media(media="screen")


def _axe() -> str:
    if not _source:
        _source.append(AXE.read_text())
    return _source[0]


_source: list[str] = []
