"""Pictures for image spam, and pictures that look like QR codes.

Drawn with Pillow once per campaign. A noisy source shifts its palette and speckles per message:
the picture stays the same to the eye and differs in every byte that matters to a hash.
"""

from base64 import encodebytes
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from lymer.lab.draws import Draw
from lymer.lab.texts.template import Context

_PALETTE_AT = 13
"""Where a GIF's global palette starts (GIF89a, section 18: after header and screen descriptor)."""


@dataclass
class Picture:
    """A picture of a campaign: `bodies` are whole GIF files; noisy ones get a fresh palette."""

    bodies: list[bytes]
    noisy: bool
    name_form: str
    """constant, letters, number or words."""
    name: str
    words: list[str] = field(default_factory=list)
    media: str = "image/gif"
    _ready: list[bytes] = field(default_factory=list)

    def render(self, ctx: Context) -> tuple[str, str, bytes]:
        """Name, media type and base64 lines for one message."""
        pick = ctx.random.random
        if self.name_form == "letters":
            name = f"{ctx.random.getrandbits(40):010x}.gif"
        elif self.name_form == "number":
            name = f"image{int(pick() * 999):03d}.gif"
        elif self.name_form == "words":
            name = f"{self.words[int(pick() * len(self.words))]}.gif"
        else:
            name = self.name
        if not self.noisy:
            if not self._ready:
                self._ready = [encodebytes(body) for body in self.bodies]
            return name, self.media, self._ready[int(pick() * len(self._ready))]
        body = bytearray(self.bodies[int(pick() * len(self.bodies))])
        for offset in range(_PALETTE_AT, _PALETTE_AT + 24):
            body[offset] = body[offset] & 0xF8 | ctx.random.getrandbits(3)
        return name, self.media, encodebytes(bytes(body))


def _encode(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, format="GIF")
    return out.getvalue()


def _speckle(image: Image.Image, rng: np.random.Generator, share: float) -> Image.Image:
    pixels = np.asarray(image).copy()
    mask = rng.random(pixels.shape) < share
    pixels[mask] = rng.integers(0, 8, size=int(mask.sum()), dtype=np.uint8)
    noisy = Image.fromarray(pixels, "P")
    noisy.putpalette(image.getpalette() or [])
    return noisy


def draw_picture(draw: Draw, lines: list[str], words: list[str], *, noisy: bool) -> Picture:
    """A picture that says `lines`, in one body or in several speckled ones."""
    rng = draw.numpy("picture")
    width, height = draw.whole(180, 360), 30 + 16 * len(lines)
    image = Image.new("P", (width, height), 0)
    palette = [draw.whole(200, 255) for _ in range(3)]
    palette += [draw.whole(0, 150) for _ in range(21)]
    image.putpalette(palette)
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((draw.whole(4, 20), 10 + 16 * number), line, fill=1 + number % 7)
    for _ in range(draw.whole(1, 6)):
        ends = [(draw.whole(0, width), draw.whole(0, height)) for _ in range(2)]
        pen.line(ends, fill=draw.whole(1, 7))
    # Keep all eight colours in use, or the writer would drop palette entries.
    for colour in range(8):
        pen.point((colour, 0), fill=colour)
    bodies = [_encode(image)]
    if noisy:
        bodies = [_encode(_speckle(image, rng, draw.between(0.002, 0.02))) for _ in range(24)]
    return Picture(
        bodies=bodies,
        noisy=noisy,
        name_form=draw.pick(("constant", "letters", "number", "words")),
        name=f"{draw.pick(words)}.gif",
        words=draw.some(words, 40),
    )


def draw_code(draw: Draw, words: list[str]) -> Picture:
    """A picture of black and white squares, like a QR code (it encodes nothing)."""
    rng = draw.numpy("code")
    cells = rng.integers(0, 2, size=(29, 29), dtype=np.uint8)
    for row, column in ((0, 0), (0, 22), (22, 0)):
        cells[row : row + 7, column : column + 7] = 1
        cells[row + 1 : row + 6, column + 1 : column + 6] = 0
        cells[row + 2 : row + 5, column + 2 : column + 5] = 1
    image = Image.fromarray(np.kron(1 - cells, np.ones((4, 4), dtype=np.uint8)).astype(np.uint8))
    image = image.convert("P")
    image.putpalette([0, 0, 0, 255, 255, 255] + [draw.whole(0, 255) for _ in range(18)])
    return Picture([_encode(image)], False, "letters", f"{draw.pick(words)}.gif")
