"""DKIM-Signature headers (RFC 6376): the right form, over nothing."""

from collections.abc import Callable

from lymer.lab.draws import Draw
from lymer.lab.engines.tokens import cut
from lymer.lab.texts.template import Context, Noise


def draw_signature(draw: Draw, noise: Noise, *, modern: bool) -> Callable[[Context, str], str]:
    """A signer with its selector and algorithm: writes the header for a message and a domain."""
    signature = cut(noise.base64, 172)
    digest = cut(noise.base64, 27)
    selector = draw.pick(("s1", "mail", "k1", "default", draw.letters(4)))
    hashed = "rsa-sha256" if modern else "rsa-sha1"

    def sign(ctx: Context, domain: str) -> str:
        return (
            f"DKIM-Signature: v=1; a={hashed}; c=relaxed/relaxed; d={domain}; s={selector};\n"
            f"\th=from:to:subject:date:message-id; bh={digest(ctx)}=;\n"
            f"\tb={signature(ctx)}\n"
        )

    return sign
