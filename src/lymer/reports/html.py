"""The report as one HTML file: nothing outside of it is needed, and nothing in it can run."""

import base64
import hashlib
from collections.abc import Callable
from html import escape
from importlib.resources import files
from typing import Any

from lymer.reports.document import (
    Block,
    Code,
    Document,
    Facts,
    Figure,
    Finding,
    Grid,
    Points,
    Section,
    Text,
)


def to_html(document: Document) -> bytes:
    """The document as HTML, UTF-8: the same bytes for the same document."""
    style = (files("lymer.reports") / "report.css").read_text("utf-8")
    mark = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # Only this one style sheet is allowed; no script, no picture, no address, no form.
    policy = f"default-src 'none'; style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"
    title = escape(document.title)
    tlp = _marking(document.tlp)
    body = "".join(_section(section, 2) for section in document.sections)
    page = (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head><body>"
        f'<div class="bar"><span>{title}</span>{tlp}</div>'
        f"<nav><b>Contents</b>{_contents(document.sections)}</nav>"
        f"<main><header><h1>{title}</h1><p class='sub'>Spam traced to campaigns, botnets and "
        f"those who may stand behind them</p>{_facts(document.cover)}</header>{body}</main>"
        f"<footer><span>{escape(document.software)} · state of {escape(document.as_of)} · digest "
        f"<code>{escape(document.digest)}</code></span>{tlp}</footer></body></html>\n"
    )
    return page.encode("utf-8", "backslashreplace")


def _marking(tlp: str) -> str:
    return f'<span class="tlp tlp-{tlp.lower().replace("+", "-")}">TLP:{escape(tlp)}</span>'


def _contents(sections: tuple[Section, ...]) -> str:
    items = (
        f'<li><a href="#{s.anchor}">{escape(s.title)}</a>'
        + (_contents(s.sections) if s.sections else "")
        + "</li>"
        for s in sections
    )
    return f"<ol>{''.join(items)}</ol>"


def _section(section: Section, level: int) -> str:
    parts = "".join(_block(block) for block in section.blocks)
    below = "".join(_section(part, level + 1) for part in section.sections)
    return (
        f'<section id="{section.anchor}"><h{level}>{escape(section.title)}</h{level}>'
        f"{parts}{below}</section>"
    )


def _block(block: Block) -> str:
    write: Callable[[Any], str] = _WRITERS[type(block)]
    return write(block)


def _cite(sources: tuple[str, ...]) -> str:
    return "".join(f' <a class="q" href="#query-{s}">[{s}]</a>' for s in sources)


def _text(block: Text) -> str:
    kind = "" if block.tone == "plain" else f' class="{block.tone}"'
    return f"<p{kind}>{escape(block.text)}{_cite(block.sources)}</p>"


def _points(block: Points) -> str:
    items = "".join(f"<li>{escape(item)}</li>" for item in block.items)
    after = f"<p>{_cite(block.sources)}</p>" if block.sources else ""
    return f"<ul>{items}</ul>{after}"


def _facts(block: Facts) -> str:
    pairs = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in block.pairs)
    after = f"<p>{_cite(block.sources)}</p>" if block.sources else ""
    return f"<dl>{pairs}</dl>{after}"


def _grid(block: Grid) -> str:
    kinds = [f' class="{c.kind}"' if c.kind != "text" else "" for c in block.columns]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(c.name)}</th>'
        for c, kind in zip(block.columns, kinds, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{escape(words)}</td>" for words, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in block.rows
    )
    return (
        f'<div class="grid"><table><caption>{escape(block.caption)}{_cite(block.sources)}'
        f"</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _figure(block: Figure) -> str:
    # The drawing is ours: its texts were escaped when it was drawn.
    return (
        f'<figure role="img" aria-label="{escape(block.alt)}">{block.svg}'
        f"<figcaption>{escape(block.caption)}{_cite(block.sources)}</figcaption></figure>"
    )


def _finding(block: Finding) -> str:
    kind = "finding" if block.is_established else "finding open"
    topic = f"<h4>{escape(block.topic)}</h4>" if block.topic else ""
    told = "".join(
        f"<p class='mark said'>{name}: <b>{escape(words)}</b>.</p>"
        for name, words in (("Likelihood", block.likelihood), ("Confidence", block.confidence))
        if words
    )
    if block.why:
        told += f"<p class='mark'>Why: {escape(block.why)}</p>"
    if block.evidence:
        items = "; ".join(f"<code>{escape(e)}</code>" for e in block.evidence)
        told += f"<p class='mark'>Evidence: {items}</p>"
    return (
        f'<div class="{kind}">{topic}<p>{escape(block.statement)}{_cite(block.sources)}</p>'
        f"{told}</div>"
    )


def _code(block: Code) -> str:
    anchor = f' id="query-{block.anchor}"' if block.anchor else ""
    return f"<h4{anchor}>{escape(block.title)}</h4><pre>{escape(block.text)}</pre>"


_WRITERS: dict[type, Callable[..., str]] = {
    Text: _text,
    Points: _points,
    Facts: _facts,
    Grid: _grid,
    Figure: _figure,
    Finding: _finding,
    Code: _code,
}
