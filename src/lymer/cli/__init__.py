"""WINDOW: the shell. One file for each verb.

Takes   words from the command line.
Gives   results on standard output, progress and errors on standard error, an exit code.
Never   decides anything about evidence: it asks the case.

Exit codes: 0 done; 1 an error the user can put right, or a check that failed; 2 wrong usage;
130 interrupted.
"""

import os
import sys

import click

from lymer.cli.decide import decide
from lymer.cli.lab import lab
from lymer.cli.report import report
from lymer.cli.serve import serve
from lymer.cli.show import show
from lymer.cli.sql import sql
from lymer.cli.trace import trace
from lymer.cli.verdict import verdict
from lymer.cli.verify import verify
from lymer.cli.why import why
from lymer.errors import LymerError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lymer")
def lymer() -> None:
    """Follow spam back to the botnet that sent it.

    Start with: lymer trace PATH... --case DIR
    """


for command in (trace, show, why, decide, report, serve, sql, verdict, verify, lab):
    lymer.add_command(command)


def main() -> None:
    """Run the command line; the entry point of `lymer`."""
    try:
        lymer.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LymerError as error:
        click.echo(f"lymer: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("lymer: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away; the interpreter must not complain while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


__all__ = ["lymer", "main"]
