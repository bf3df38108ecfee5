"""Transfer encodings (RFC 2045 section 6), as damaged as mail delivers them."""

import binascii
import string

_BASE64 = (string.ascii_letters + string.digits + "+/").encode()
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_IDENTITY = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit"})


def decode_transfer(data: bytes, encoding: str, defects: list[str]) -> tuple[bytes, bytes]:
    """Decoded bytes, and what stood in clear behind encoded ones (a list's footer).

    Defects: `transfer_encoding_impossible` (the data is kept as it stands), `base64_damaged`,
    `uuencode_damaged`, `text_after_base64`.
    """
    if encoding in _IDENTITY:
        return data, b""
    encoding = encoding.partition(";")[0].strip().strip("\"'").lower()
    if encoding in _IDENTITY:
        return data, b""
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data), b""
    if encoding == "base64":
        return _decode_base64(data, defects)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _decode_uu(data, defects), b""
    defects.append("transfer_encoding_impossible")
    return data, b""


def _decode_base64(data: bytes, defects: list[str]) -> tuple[bytes, bytes]:
    # The C decoder stops at the first padding and says nothing about what follows.
    padding = data.find(b"=")
    rest = data[padding:].lstrip(b"= \t\r\n") if padding >= 0 else b""
    if rest:
        data = data[: len(data) - len(rest)]
        if b" " in rest.strip() or rest.translate(None, _BASE64).strip(b"=\r\n\t "):
            defects.append("text_after_base64")
        else:
            # Pieces encoded one by one and put together.
            defects.append("base64_damaged")
            pieces = [piece for piece in rest.split(b"=") if piece]
            return b"".join(map(_decode_piece, [data, *pieces])), b""
    try:
        return binascii.a2b_base64(data), rest
    except ValueError:
        if "base64_damaged" not in defects:
            defects.append("base64_damaged")
        return _decode_piece(data), rest


def _decode_piece(data: bytes) -> bytes:
    """Base64 without its padding, or cut in the middle of a group."""
    digits = data.translate(None, _NOT_BASE64)
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def _decode_uu(data: bytes, defects: list[str]) -> bytes:
    decoded = []
    is_inside = False
    for line in data.splitlines():
        if not is_inside:
            is_inside = line.startswith(b"begin ")
        elif line.strip() in (b"end", b"`", b""):
            continue
        else:
            try:
                decoded.append(binascii.a2b_uu(line))
            except ValueError:
                # Some encoders pad lines beyond their count: take what the count says.
                count = (((line[0] - 32) & 63) * 4 + 5) // 3
                try:
                    decoded.append(binascii.a2b_uu(line[:count]))
                except ValueError:
                    if "uuencode_damaged" not in defects:
                        defects.append("uuencode_damaged")
    if not is_inside:
        defects.append("uuencode_damaged")
        return data
    return b"".join(decoded)
