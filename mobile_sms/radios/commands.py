"""Running a command that may hang for ever, as each call of Termux:API may."""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

CALL_SECONDS = 20.0


@dataclass(frozen=True)
class Ended:
    """How a command ended. Without a code it was broken off, or is not there at all."""

    code: int | None
    output: str = ""
    is_missing: bool = False

    @property
    def hung(self) -> bool:
        """Whether it had to be broken off."""
        return self.code is None and not self.is_missing


async def call(
    *command: str, text: str | None = None, seconds: float = CALL_SECONDS, environment: Mapping[str, str] | None = None
) -> Ended:
    """Run the command with this text as its standard input, and break it off when its time is over.

    The text lies in a file, whole, before the command begins: by a pipe, a command that outlives this process would be
    given half a text, or none, and send that.
    """
    with tempfile.TemporaryFile() as source:
        source.write((text or "").encode())
        source.seek(0)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=source,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
            )
        except OSError:
            return Ended(None, is_missing=True)
    try:
        output, _ = await asyncio.wait_for(process.communicate(), timeout=seconds)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return Ended(None)
    return Ended(process.returncode, output.decode(errors="replace"))
