"""The root of the command line: commands that are imported when called, and the border where an error becomes an exit code."""

from __future__ import annotations

import errno
import importlib
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from twin.errors import InputError, Terminated, TwinError

SHOW_TRACEBACK = "twin.traceback"
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
"""Typer's own complaint about arguments, which it does not export; Typer shows it and exits with 2."""


@dataclass(frozen=True, slots=True)
class Late:
    """A command before it is imported: what `twin --help` says of it, and the function that registers it on an app."""

    summary: str
    panel: str
    module: str
    register: str = "register"


SCENARIOS, RUNS, ODDS, HISTORY, MAPS = "Scenarios", "Runs", "Many lives", "Held to history", "Maps"

COMMANDS: dict[str, Late] = {
    "list": Late("Networks and scenarios that are ready to run.", SCENARIOS, "twin.cli.scenario_commands"),
    "new": Late("A commented scenario to edit, in the working directory.", SCENARIOS, "twin.cli.scenario_commands"),
    "check": Late("All problems at once, with line, expectation and fix; nothing is run.", SCENARIOS, "twin.cli.whole_scenario"),
    "explain": Late(
        "Resolved values with where each came from, the order of the loop and the dates of the taper.",
        SCENARIOS,
        "twin.cli.whole_scenario",
    ),
    "schema": Late("JSON Schema of scenarios, for editors that complete and check.", SCENARIOS, "twin.cli.scenario_commands"),
    "run": Late("Run a scenario from its first day to its last, and say what became of the network.", RUNS, "twin.cli.run_commands"),
    "report": Late("Write the report page of a run again.", RUNS, "twin.cli.run_commands"),
    "map": Late("Write the map of a run, through time, as a page of its own.", RUNS, "twin.cli.run_commands"),
    "respond": Late("Turn one lever at a time on the same luck, and say what moves.", RUNS, "twin.cli.respond_command"),
    "backtest": Late("Hold a scenario to history: cut it at a day, let the model decide from there, and score it beside naive forecasts.", HISTORY, "twin.cli.history_commands"),
    "ensemble": Late("Live a scenario many times, and say how often the network survives.", ODDS, "twin.cli.odds_commands"),
    "compare": Late("Live variants on the same luck, and say how their odds differ.", ODDS, "twin.cli.odds_commands"),
    "sensitivity": Late("Say which of the things that are not known decide what becomes of the network.", ODDS, "twin.cli.sensitivity_command"),
    "odds": Late("Say what the lives of a study say together, and write its page.", ODDS, "twin.cli.odds_commands"),
    "observations": Late("Say what is known of a real network by date, and by which metrics a life can be held against it.", HISTORY, "twin.cli.observations_command"),
    "beside": Late("Lay one life beside what was observed, row by row.", HISTORY, "twin.cli.beside_command"),
    "calibrate": Late("Fit what is not known of a network to what was observed of it before a day.", HISTORY, "twin.cli.calibrate_commands"),
    "forecast": Late("Live members of a fit on from a day, say 23 quantiles of each series, and append them to a log that is never rewritten.", HISTORY, "twin.cli.forecast_commands"),
    "score": Late("Score the forecasts of a log by what came: weighted interval score, coverage, and the same of persistence.", HISTORY, "twin.cli.forecast_commands"),
    "geo": Late("Places, street graphs and map files.", MAPS, "twin.cli.geo_commands", "app"),
}


class LateGroup(TyperGroup):
    """A group whose help costs no imports. Errors of any command leave through `invoke`, never as a traceback unless asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, late in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=late.summary, rich_help_panel=late.panel)
        self.params.append(_traceback_option())

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command in place of its line in the help."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, imported(name) if name in COMMANDS else command, rest

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; what it raises becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, USAGE_ERROR):
            raise
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output went away; Typer ends quietly
                raise
            raise _left_with(error, ctx) from None
        except (Exception, KeyboardInterrupt, Terminated) as error:
            raise _left_with(error, ctx) from None


def imported(name: str) -> Any:
    """The command of that name, imported, with the option --traceback added to it and to its subcommands."""
    late = COMMANDS[name]
    module = importlib.import_module(late.module)
    home = typer.Typer()
    home.callback()(lambda: None)
    if late.register == "app":
        home.add_typer(module.app, name=name)
    else:
        getattr(module, late.register)(home)
    group: Any = typer.main.get_command(home)
    command = group.commands[name]
    for leaf in getattr(command, "commands", {"": command}).values():
        leaf.params.append(_traceback_option())
    return command


def _note_traceback(ctx: typer.Context, value: bool) -> None:
    if value:
        ctx.meta[SHOW_TRACEBACK] = True


TracebackOption = Annotated[
    bool, typer.Option("--traceback", help="show the whole of an error, if there is one", expose_value=False, callback=_note_traceback)
]


def _with_traceback(traceback: TracebackOption = False) -> None: ...


def _traceback_option() -> Any:
    app = typer.Typer(add_completion=False)
    app.command()(_with_traceback)
    return next(parameter for parameter in typer.main.get_command(app).params if parameter.name == "traceback")


def _left_with(error: BaseException, ctx: Any) -> typer.Exit:
    """Says what went wrong and returns the exit to raise."""
    from twin.cli import console  # rich is not needed where nothing goes wrong

    if isinstance(error, KeyboardInterrupt):
        show, code = console.show_interruption, 130
    elif isinstance(error, Terminated):
        show, code = console.show_interruption, int(error.code or 1)
    elif isinstance(error, InputError):
        show, code = console.show_problems, error.exit_code
    elif isinstance(error, TwinError):
        show, code = console.show_failure, error.exit_code
    else:
        show, code = console.show_surprise, 1
    if ctx.meta.get(SHOW_TRACEBACK):
        show = console.show_traceback  # ends with the message and the notes
    show(error)
    return typer.Exit(code)
