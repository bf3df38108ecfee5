"""mbox files: appended as messages come, with the rule that keeps them unambiguous."""

import time
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO


class Boxes:
    """The open mbox files of a folder. No line of a stored message starts with "From "."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, BinaryIO] = {}

    def add(self, path: str, message: bytes, sender: str, at: int) -> str:
        """Append a message to the mbox at `path` (relative); gives its id.

        The id is the SHA-256 of the bytes between the From line and the one blank line that
        separates messages.
        """
        box = self._open.get(path)
        if box is None:
            file = self._root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            box = self._open[path] = file.open("wb", buffering=1 << 18)
        if b"\nFrom " in message:
            message = message.replace(b"\nFrom ", b"\n>From ")
        if not message.endswith(b"\n"):
            message += b"\n"
        stamp = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(at))
        box.write(f"From {sender or 'MAILER-DAEMON'} {stamp}\n".encode())
        box.write(message)
        box.write(b"\n")
        return sha256(message).hexdigest()

    def __enter__(self) -> "Boxes":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for box in self._open.values():
            box.close()
