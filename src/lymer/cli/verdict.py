"""`lymer verdict`: the case on one page."""

import json
import re
import shutil
import textwrap
from dataclasses import asdict
from pathlib import Path

import click

from lymer.case import Answer, VerdictLine, defang, open_case, read_verdict
from lymer.cli.printing import plain

_HEADINGS = {
    "sent": "What was sent",
    "botnet": "By which botnet",
    "steered": "Steered from",
    "run_by": "Run by",
    "ordered_by": "Ordered by",
    "benefit": "For whose benefit",
    "not_linked": "Who is linked",
    "sureness": "How sure",
    "missing": "What is missing",
}
# An address, a link, or a name of two labels whose last one has letters only.
_NAME = re.compile(
    r"https?:\S+|[^\s,;()'\"]+@[^\s,;()'\"]+[^\W_]|[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}"
)
_NARROWEST, _WIDEST = 40, 100
_INDENT = 18


@click.command()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="A page to read, or one object with all evidence.",
)
def verdict(case_folder: Path, form: str) -> None:
    """Say on one page what was sent, by what, run, ordered and paid by whom, and how sure that is.

    Names that the mail praises are named as such: content is no evidence against anyone. Every
    statement's evidence is in the table `verdict`, and in the JSON.
    """
    case = open_case(case_folder)
    try:
        reached = read_verdict(case)
        name = case.settings.name
    finally:
        case.close()
    if form == "json":
        click.echo(json.dumps({"case": name, **asdict(reached)}, indent=1))
        return
    width = min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size((80, 24)).columns))
    click.echo(f"Verdict on {plain(name)}")
    if not reached.lines:
        click.echo(
            "Nothing to say: the case holds no campaign, or its trace did not end. The same "
            "`lymer trace` goes on where it was."
        )
        return
    last = ""
    for line in reached.lines:
        click.echo()
        heading = "" if line.topic == last else _HEADINGS[line.topic]
        for text in _lay_out(heading, _told(line), width):
            click.echo(text)
        last = line.topic
    if reached.answers:
        click.echo()
        for text in _lay_out("Answers", _asked(reached.answers), width):
            click.echo(text)


def _told(line: VerdictLine) -> list[str]:
    """The statement; how likely and how sure are two sentences of their own."""
    told = [_harmless(line.statement)]
    if line.likelihood is not None:
        told.append(f"Likelihood: {line.likelihood}.")
    if line.confidence is not None:
        told.append(f"Confidence: {line.confidence}.")
    return [" ".join(told)]


def _asked(answers: tuple[Answer, ...]) -> list[str]:
    told = [_harmless(answers[0].question)]
    if answers[0].likelihood is None:
        return [*told, "Nothing in the case but the mail itself tells: not to be weighed."]
    return told + [f"{a.rank}. {a.hypothesis}: {a.likelihood}" for a in answers]


def _harmless(text: str) -> str:
    """One line that steers no terminal and holds no name that a program would open."""
    return _NAME.sub(lambda found: defang(found.group()), plain(text))


def _lay_out(heading: str, paragraphs: list[str], width: int) -> list[str]:
    lines = [
        line
        for paragraph in paragraphs
        for line in textwrap.wrap(paragraph, width - _INDENT, break_on_hyphens=False) or [""]
    ]
    return [
        f"{heading if number == 0 else '':{_INDENT}}{line}".rstrip()
        for number, line in enumerate(lines)
    ]
