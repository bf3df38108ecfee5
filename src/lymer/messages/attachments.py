"""Parts that are not the message's text: their hash, and what their pictures look like."""

import hashlib
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageFile

from lymer.messages.reading import Attachment

# A real corpus held a picture of seven gigapixels; a letter-size page scanned at 400 dpi has 15
# megapixels.
PICTURE_PIXELS = 20_000_000
PICTURE_BYTES = 16 << 20
_FORMATS = ("GIF", "PNG", "JPEG", "WEBP", "BMP")
_MAGIC = (b"GIF8", b"\x89PNG", b"\xff\xd8\xff", b"BM")

# Spam pictures are often cut off; what is there is still the same picture.
ImageFile.LOAD_TRUNCATED_IMAGES = True


def describe_attachment(
    data: bytes, media_type: str, name: str | None, defects: list[str], *, may_look: bool
) -> Attachment:
    """Size, hash and, for a picture when `may_look`, its perceptual hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    picture_hash = None
    if media_type.startswith("image/") or data.startswith(_MAGIC) or data[8:12] == b"WEBP":
        if may_look:
            picture_hash, defect = _look(_Picture(sha256, data))
            # Two letters at the start may be anything: only a declared picture can be broken.
            if defect and (media_type.startswith("image/") or defect != "picture_unreadable"):
                defects = [*defects, defect]
        else:
            defects = [*defects, "picture_skipped"]
    return Attachment(name, media_type, len(data), sha256, picture_hash, defects)


class _Picture:
    """Bytes of a picture under their SHA-256, so that the cache compares no bytes."""

    __slots__ = ("data", "sha256")

    def __init__(self, sha256: str, data: bytes) -> None:
        self.sha256 = sha256
        self.data: bytes | None = data

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Picture) and self.sha256 == other.sha256


@lru_cache(maxsize=4096)
def _look(picture: _Picture) -> tuple[str | None, str | None]:
    """Difference hash of a picture (16 hex digits) and its defect."""
    data, picture.data = picture.data, None
    assert data is not None
    if len(data) > PICTURE_BYTES:
        return None, "picture_too_large"
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > PICTURE_PIXELS:
                return None, "picture_too_large"
            # JPEG is decoded at a fraction of its size: the hash needs 32 by 32.
            image.draft("L", (64, 64))
            return perceptual_hash(image), None
    except Image.DecompressionBombError:
        return None, "picture_too_large"
    # Pillow raises whatever its decoders come across.
    except Exception:
        return None, "picture_unreadable"


def perceptual_hash(image: Image.Image) -> str:
    """64 bits, one for each of the 63 lowest frequencies of a 32x32 grey picture: is it above
    their median? (Zauner 2010, DCT hash.) Speckles and palette shifts move a few bits; a
    difference hash moves a fifth of its bits on the flat ground of image spam.

    Only the first frame counts. Transparent parts are white, as a reader shows them. A picture
    without any structure is all zeros.
    """
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    grey = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    pixels = np.frombuffer(grey.tobytes(), dtype=np.uint8).reshape(_SIDE, _SIDE)
    frequencies = (_COSINES @ pixels @ _COSINES.T).ravel()[1:]
    if np.abs(frequencies).max() < _FLAT:
        return "0" * 16
    bits = frequencies > np.median(frequencies)
    return np.packbits(np.append(bits, False)).tobytes().hex()


_SIDE = 32
_COSINES = np.cos(np.pi * np.outer(np.arange(8), 2 * np.arange(_SIDE) + 1) / (2 * _SIDE))
# The sum over 1,024 pixels that one grey level of contrast makes.
_FLAT = 256.0
