"""`lymer trace`: evidence in, a case with campaigns out."""

import shutil
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from lymer.case import Progress as Step
from lymer.case import create_case, open_case, summarize
from lymer.case import trace as trace_case
from lymer.cli.summary import print_summary
from lymer.engine import LocalEngine
from lymer.errors import CaseError, UsageError
from lymer.flows import parse_mapping

_STAGES = {
    "survey": "learning which relays are the trap's own",
    "reading": "reading",
    "flows": "reading flows",
    "servers": "reading servers",
    "campaigns": "grouping into campaigns",
    "templates": "inferring templates",
    "botnets": "linking botnets",
    "joins": "joining servers to the mail",
    "actors": "weighing who is behind it",
}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--case", "case_folder", required=True, type=click.Path(path_type=Path),
    help="Folder of the case; made when it is absent, added to when it is there.",
)  # fmt: skip
@click.option(
    "--trust", multiple=True, metavar="HOST-OR-NET",
    help="A receiver of yours: host name, address or network. May be given again and again.",
)  # fmt: skip
@click.option(
    "--flows", multiple=True, type=click.Path(path_type=Path), metavar="PATH",
    help="Network flows, a file or folder: Zeek conn.log, nfdump CSV, binetflow, CSV. Repeatable.",
)  # fmt: skip
@click.option(
    "--flow-column", "flow_columns", multiple=True, metavar="NAME=COLUMN",
    help="What a column of another make of CSV is, as in source_ip=SrcAddr. Repeatable.",
)  # fmt: skip
@click.option(
    "--networks", type=click.Path(path_type=Path), metavar="FILE",
    help="Networks and countries, a CSV: start,end,country,asn,name (`make networks` makes one).",
)  # fmt: skip
@click.option(
    "--server", "servers", multiple=True, type=click.Path(path_type=Path), metavar="PATH",
    help="A captured server: a folder, an archive or a disk image. Only read. Repeatable.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress; only the summary and errors.")
def trace(
    paths: tuple[Path, ...],
    case_folder: Path,
    trust: tuple[str, ...],
    flows: tuple[Path, ...],
    flow_columns: tuple[str, ...],
    networks: Path | None,
    servers: tuple[Path, ...],
    quiet: bool,
) -> None:
    """Trace the spam in PATHS: mbox, maildir, MH, .eml, .msg, trees and archives of these.

    On an existing case it adds evidence. Interrupted, run it again: it goes on where it was.
    """
    mapping = parse_mapping(flow_columns)
    if not paths and not servers:
        raise UsageError("name the mail to trace, or a server to add with --server PATH.")
    for path in (*paths, *flows, *servers):
        if not path.exists() and not path.is_symlink():
            raise UsageError(f"{path} does not exist.")
    is_new = not (case_folder / "case.toml").exists()
    if is_new and case_folder.is_dir() and any(case_folder.iterdir()):
        raise CaseError(
            f"{case_folder} is a folder with other things in it, not a case. Name a new folder."
        )
    had_folder = case_folder.exists()
    case = create_case(case_folder) if is_new else open_case(case_folder)
    late = sorted(set(trust) - set(case.settings.trust)) if not is_new else []
    try:
        with LocalEngine() as engine, _Display(is_quiet=quiet) as display:
            fresh = trace_case(
                case, paths, engine=engine, trust=trust, flows=flows, flow_columns=mapping,
                networks=networks, servers=servers, report=display.report,
            )  # fmt: skip
        click.echo(f"{fresh:,} new messages in case {case.folder}\n")
        print_summary(summarize(case))
        if late:
            click.echo(
                f"lymer: --trust {' '.join(late)} counts for mail read from now on. What the case "
                "already held was read without; trace that into a new case to read it so.",
                err=True,
            )
    except UsageError:
        if is_new and not had_folder:
            # A case that never held anything is not left behind.
            case.close()
            shutil.rmtree(case_folder)
        raise
    except KeyboardInterrupt:
        kept = case.table("messages").num_rows
        click.echo(
            f"lymer: interrupted. {kept:,} messages are kept in {case.folder}; the same command "
            "goes on from there.",
            err=True,
        )
        raise
    finally:
        case.close()


class _Display:
    """Progress on standard error: a bar on a terminal, nothing elsewhere."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=is_quiet or not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("starting", total=None, rate="")
        self._began: float | None = None
        self._stage = ""

    def __enter__(self) -> "_Display":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def report(self, step: Step) -> None:
        """Show how far the trace has come."""
        now = time.monotonic()
        if step.stage == "reading" and self._began is None:
            self._began = now
        rate = ""
        if self._began is not None and step.message_count:
            per_second = step.message_count / max(now - self._began, 0.001)
            rate = f"{step.message_count:,} messages, {per_second:,.0f}/s"
        self._bar.update(
            self._task,
            description=_STAGES[step.stage],
            total=step.total_bytes or None,
            completed=min(step.done_bytes, step.total_bytes),
            rate=rate,
            refresh=step.stage != self._stage,
        )
        self._stage = step.stage
