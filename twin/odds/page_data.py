"""What stands on the page of a study, as plain tables and sentences; `twin.report.study_page` draws it.

Every part copes with what a study does not have: too few lives, failures alone, lives without a date of the taper or without daily series.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from twin.nouns import Nouns
from twin.odds.analysis import Status, of_variant, paired_odds
from twin.odds.choosing import chosen
from twin.odds.designs import Layout
from twin.odds.folder import replace_whole, write_text
from twin.odds.page_map import map_part
from twin.odds.page_variant import NOT_DRAWN, fan_columns, odds_said, variant_part
from twin.odds.study import Study
from twin.outcomes.classes import Outcome, reads
from twin.report.study_data import PairPart, Ranged, StudyPage, StudyPart, VariantPart
from twin.report.study_page import study_page
from twin.scenario.made import FLAT_PRICE

LONGEST_MESSAGE = 300


def write_study_page(path: str | Path, studies: Sequence[Study]) -> Path:
    """Writes one page of one or several studies, whole or not at all, and returns its path."""
    text, target = study_page(page_of(studies)), Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_whole(target, lambda beside: write_text(beside, text))
    return target


def page_of(studies: Sequence[Study]) -> StudyPage:
    """What the page says; variants of several studies stand side by side, named by study. Raises ValueError without a study."""
    if not studies:
        raise ValueError("a page needs at least one study")
    names = _names(studies)
    variants: list[VariantPart] = []
    pairs: list[PairPart] = []
    parts: list[StudyPart] = []
    flat: list[str] = []
    columns: dict[str, tuple[str, str]] = {}
    tapers: set[date] = set()
    for study, name in zip(studies, names, strict=True):
        results = study.results()
        lived = [variant for variant in study.manifest.variants if (results["variant"] == variant).any()]
        said = {variant: variant if len(studies) == 1 else name if len(study.manifest.variants) == 1 else f"{name}: {variant}" for variant in lived}
        columns |= fan_columns(study)
        tapers |= {when.date() for when in pd.to_datetime(results["taper_begins"]).dropna().unique()}
        variants += [variant_part(study, results, variant, said[variant]) for variant in lived]
        flat += _flat_price(study, results, lived, name if len(studies) > 1 else "")
        pairs += [_pair(study, results, lived[0], variant, name if len(studies) > 1 else "") for variant in lived[1:]]
        parts.append(_study_part(study, results, name))
    drawn = {column: words for column, words in columns.items() if any(column in variant.fans for variant in variants)}
    first = studies[0].manifest
    nodes = str(first.said.get("nodes", "nodes"))
    return StudyPage(
        title=" · ".join(dict.fromkeys(study.manifest.title for study in studies)),
        chips=_chips(studies),
        nodes=nodes,
        class_words={each.value: reads(each, Nouns(nodes=nodes)) for each in Outcome} | {"failed": "the life ended in an error"},
        variants=tuple(variants),
        pairs=tuple(pairs),
        chosen=tuple(best.sentence() for study in studies if (best := chosen(study)) is not None),
        map=map_part(studies),
        flat_price=tuple(flat),
        unpaired="" if len(studies) == 1 else "Lives of different studies are not paired: between studies only the ranges can be compared.",
        fan_columns=drawn,
        taper=tapers.pop() if len(tapers) == 1 else None,
        no_fans="" if drawn else "the lives left their verdicts alone (record: verdict)" if first.said.get("record") == "verdict" else "no life has left its daily series",
        studies=tuple(parts),
    )


def _names(studies: Sequence[Study]) -> list[str]:
    names = [study.manifest.name for study in studies]
    if len(set(names)) < len(names):
        names = [study.path.resolve().name for study in studies]
    return [name if names.count(name) == 1 else f"{name} ({at + 1})" for at, name in enumerate(names)]


def _chips(studies: Sequence[Study]) -> tuple[str, ...]:
    chips = []
    for study in studies:
        manifest = study.manifest
        lives = f"{manifest.n_rows:,} {'life' if manifest.n_rows == 1 else 'lives'}"
        variants = f" of {len(manifest.variants)} variants" if len(manifest.variants) > 1 else ""
        chips += [lives + variants, f"{manifest.starts} to {manifest.ends}", f"seed {manifest.said['seed']}"]
    return tuple(dict.fromkeys(chips))


# -- two variants ----------------------------------------------------------------------------------------------------------
def _pair(study: Study, results: pd.DataFrame, first: str, second: str, name: str) -> PairPart:
    label, front = f"{first} less {second}", f"{name}: " if name else ""
    try:
        found = paired_odds(results, first, second, blocks=study.design.blocks)
    except ValueError as error:
        return PairPart(f"{front}{label}: {error}.", Ranged(label, math.nan, math.nan, math.nan))
    low, high = (math.nan, math.nan) if found.interval is None else (found.interval.low, found.interval.high)
    value = math.nan if found.difference is None else found.difference
    return PairPart(f"{front}{found.sentence()}.", Ranged(label, value, low, high, f"{found.n:,} pairs{' of ' if name else ''}{name}"))


def _flat_price(study: Study, results: pd.DataFrame, lived: Sequence[str], name: str) -> list[str]:
    """The odds with a price that is constant from T0, held against those of the first variant; or how to get them. Nothing where no life has a judged year to take the price of."""
    front = f"{name}: " if name else ""
    if FLAT_PRICE not in lived:
        if not lived or results["price_luck"].isna().all() or study.design.layout in NOT_DRAWN:
            return []
        return [f"{front}No life has a constant price. To see what the price decides, live both on the same luck: --variant {lived[0]} --variant {FLAT_PRICE} (the price held from T0 on)."]
    held = ", ".join(f"{path.removeprefix('token.').removesuffix('.price')} {_held(value)}" for path, value in (study.manifest.said.get("flat_price") or {}).items())
    said = f"{front}With a constant price ({FLAT_PRICE}{': ' + held if held else ''}) {odds_said(study, of_variant(results, FLAT_PRICE))[0]}."
    if lived[0] != FLAT_PRICE:
        said += f" {_pair(study, results, lived[0], FLAT_PRICE, '').sentence}"
    return [said]


def _held(price: Any) -> str:
    """From when on a price is held, of a mapping of a variant."""
    since = price.get("date") if isinstance(price, dict) else None
    value = price.get("price_usd") if isinstance(price, dict) else None
    return f"held from {'T0' if since == 'taper_begin' else since or 'its first day'} on" + (f" at {value:g} USD" if value else "")


# -- one study -------------------------------------------------------------------------------------------------------------
def _study_part(study: Study, results: pd.DataFrame, name: str) -> StudyPart:
    failures = study.failures()
    table = pd.DataFrame(
        [
            {"stage": str(stage), "lives": len(of_stage), "such as": str(of_stage["key"].iloc[0]), "message": str(of_stage["message"].iloc[0])[:LONGEST_MESSAGE]}
            for stage, of_stage in failures.groupby("stage")
        ],
        columns=["stage", "lives", "such as", "message"],
    )  # fmt: skip
    return StudyPart(name, _running(study, results, len(failures)), table, _reproduce(study), dict(study.manifest.said.get("versions") or {}))


def _running(study: Study, results: pd.DataFrame, n_failed: int) -> tuple[tuple[str, str], ...]:
    done = results[results["status"] == Status.DONE]
    pending = study.manifest.n_rows - len(results)
    facts = [("lives", f"{len(done):,} finished of {study.manifest.n_rows:,}")]
    facts += [("failed", f"{n_failed:,}")]
    facts += [("not lived yet", f"{pending:,}")] if pending > 0 else []
    if len(done):
        seconds = done["seconds"]
        low, middle, high = (float(seconds.quantile(q)) for q in (0.05, 0.5, 0.95))
        spread = f"median {_seconds(middle)}" + (f"; 90 of 100 lives between {_seconds(low)} and {_seconds(high)}" if len(done) >= 20 else f"; {_seconds(float(seconds.min()))} to {_seconds(float(seconds.max()))}" if len(done) > 1 else "")
        facts += [
            ("processor time a life", spread),
            ("processor time together", _seconds(float(seconds.sum()))),
            ("bytes that lives left", f"{done['n_bytes'].sum() / 1e6:,.1f} MB"),
            ("most memory of a process", f"{done['peak_mb'].max():,.0f} MB"),
        ]
    if study.design.layout not in NOT_DRAWN and len(done):
        several = len(study.manifest.variants) > 1
        facts += [(f"are they enough{f', {name}' if several else ''}", _enough(study, name)) for name in study.manifest.variants if (results["variant"] == name).any()]
    return tuple(facts)


def _enough(study: Study, variant: str) -> str:
    """What the stopping rule says of the lives of a variant."""
    try:
        reason = study.look(variant).reason
    except ValueError as error:
        reason = str(error)
    return reason


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"


def _reproduce(study: Study) -> tuple[tuple[str, str], ...]:
    said, design = study.manifest.said, study.design
    n_draws = len(set(design.draw.tolist()) - {-1})
    points = f"{len(design):,} points a variant" + (f": {n_draws:,} draws, {len(design) / n_draws:g} {'life' if len(design) == n_draws else 'lives'} each" if n_draws else ", that differ by luck alone")
    facts = [
        ("command", _command(study)), ("layout", f"{design.layout.value.replace('_', ' ')}; {points}"), ("variants", ", ".join(study.manifest.variants)),
        ("drawn", ", ".join(study.manifest.unknowns)), ("changes", "; ".join(f"{name}: {dict(change)}" for name, change in said.get("changes", {}).items())), ("seed", str(said["seed"])),
        ("scenario hash", str(said["scenario_hash"])), ("digest of the study", study.manifest.digest), ("content of its results", study.content()), ("recorded", str(said["record"])),
        ("forks of each life", "the taper held from T0 on; a year without subsidy" if said.get("cutoff") else "none"),
    ]  # fmt: skip
    return tuple((name, value) for name, value in facts if value)


def _command(study: Study) -> str:
    """The command that lives the study again from its folder, where the command line can say it; else the lines of Python."""
    said, design = study.manifest.said, study.design
    n_draws = len(set(design.draw.tolist()) - {-1})
    if said.get("changes") or design.layout not in (Layout.REPLICATES, Layout.DRAWS, Layout.LATIN_HYPERCUBE, Layout.SOBOL):
        more = f", changes={said['changes']!r}" if said.get("changes") else ""
        return f"twin.ensemble(twin.load('scenario.yaml'), design=Study('.').design, variants={tuple(study.manifest.variants)!r}{more})"
    words = ["twin ensemble scenario.yaml"]
    words += [f"--draws {n_draws}", *([f"--lives {len(design) // n_draws}"] if len(design) > n_draws else [])] if n_draws else [f"--lives {len(design)}"]
    words += [f"--design {design.layout.value}"] if design.layout in (Layout.LATIN_HYPERCUBE, Layout.SOBOL) else []
    words += [f"--variant {name}" for name in study.manifest.variants] if tuple(study.manifest.variants) != ("base",) else []
    words += [f"--record {said['record']}"] if said["record"] != "network" else []
    words += ["--forks"] if said.get("cutoff") else []
    return " ".join(words)
