"""The command line: `twin`. Commands are imported when they are called, so that `twin --help` comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from twin.cli.late import LateGroup

__all__ = ["app", "main"]

EXAMPLES = """\
Examples:

  twin list                                  what is ready to run

  twin run helium-iot-goteborg               one life of Helium IoT in Göteborg, then open the report it names

  twin new my-city --like helium-iot-goteborg    a commented file to edit; then: twin check my-city.yaml

Exit codes: 0 done (a network that dies is a finding), 1 the run failed, 2 the input is wrong, 130 interrupted.
"""

app = typer.Typer(
    cls=LateGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXAMPLES,
)


def _show_version(asked: bool) -> None:
    if asked:
        from twin import __version__

        typer.echo(f"depin-twin {__version__}")
        raise typer.Exit


@app.callback()
def twin(
    version: Annotated[bool, typer.Option("--version", help="show the version and leave", is_eager=True, callback=_show_version)] = False,
) -> None:
    """A digital twin of DePIN networks: do paying customers keep the network alive when the rewards fade?"""


def main() -> None:
    """Runs the command line on the arguments of the process, and ends the process with its exit code."""
    app(prog_name="twin")
