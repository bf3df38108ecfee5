"""`lymer serve`: the console, in a browser."""

import os
from pathlib import Path

import click

from lymer.case import open_case
from lymer.errors import UsageError


@click.command()
@click.argument("case_folder", metavar="CASE", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8025, show_default=True, type=click.IntRange(1, 65535))
def serve(case_folder: Path, host: str, port: int) -> None:
    """Open CASE in a browser: prints the address, with a token, to go to.

    Only this machine can reach it. Any other --host is refused unless the environment variable
    LYMER_PASSWORD holds a password, which is then asked for. Ends with Ctrl-C.
    """
    # Not before they are needed: no other verb waits for a web server to load.
    import uvicorn

    from lymer.console import Access, make_app

    open_case(case_folder).close()
    access = Access(host, port, os.environ.get("LYMER_PASSWORD") or None)
    click.echo("reading the case ...", err=True)
    app = make_app(case_folder, access)
    shown = f"[{host}]" if ":" in host else host
    if access.password:
        click.echo(f"http://{shown}:{port}/   (asks for the password)")
    else:
        click.echo(f"http://{shown}:{port}/enter?token={access.token}")
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, server_header=False,
        # A case on a page is one user's; what hangs is let go.
        timeout_keep_alive=30, limit_concurrency=64,
    )  # fmt: skip
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit:
        raise UsageError(
            f"{host} port {port} cannot be used: perhaps it is taken. Give another with --port."
        ) from None
