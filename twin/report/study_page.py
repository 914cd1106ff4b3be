"""The page of a study of many lives: one file that needs nobody."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from twin.nouns import capital, said_once
from twin.report.map_page import map_scripts
from twin.report.section import Section, render
from twin.report.study_data import Ranged, StudyPage, VariantPart
from twin.report.study_drawing import causes_figure, fan_figures, ranges_figure, survival_figure
from twin.report.templating import environment, policy_for, source, trusted

COLOURS = ("g1", "g2", "g3", "g4", "g5", "g6")
CLASS_COLOURS = {
    "self_sustaining": "self_sustaining", "niche": "niche", "coasting": "coasting", "subsidy_dependent": "subsidy_dependent", "collapsed": "collapsed",
    "never_started": "never_started", "not_judged": "muted", "failed": "cost",
}  # fmt: skip
"""Class -> CSS variable, in the order in which they stand on a bar: what survives first."""
LETTER_SHARE = 0.0095
"""Width of a letter on a bar, as a share of it: where a name does not fit, the number stands alone."""
SIDES = {"supply": ("supply: the service offered gave way first", "subsidy"), "demand": ("demand: paid usage gave way first", "g4"), "not named": ("side not named", "neutral")}


def study_page(data: StudyPage) -> str:
    """The whole page as text. A section with nothing to show is listed at the end with the reason."""
    sections = [
        _odds_section(data), _pairs_section(data), _map_section(data), _survival_section(data), _fans_section(data), _price_section(data), _deciding_section(data), _failures_section(data),
        _running_section(data), _reproduce_section(data),
    ]  # fmt: skip
    the_map = data.map.data
    scripts = [source("charts.js"), *(map_scripts(the_map, full=False) if the_map is not None else [])]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            title=data.title, kicker="Many lives of one network: how often it survives the end of its subsidy" if len(data.studies) == 1 else "Many lives, of several studies: how often networks survive the end of their subsidy",
            css=trusted(source("page.css") + source("study.css") + (source("map.css") if the_map is not None else "")), chips=list(data.chips), sections=[section for section in sections if not section.absent],
            absent=[section for section in sections if section.absent], attributions=[*the_map.attributions, "H3 (Apache-2.0)"] if the_map is not None else [], licence=None, version=data.studies[0].versions.get("depin-twin", ""),
            scripts=[trusted(script) for script in scripts], policy=policy_for(scripts),
        )
    )  # fmt: skip


def coloured(data: StudyPage) -> list[tuple[VariantPart, str]]:
    """Each variant with its colour, the same in every figure; after six they come round again."""
    return [(variant, COLOURS[at % len(COLOURS)]) for at, variant in enumerate(data.variants)]


def _odds_section(data: StudyPage) -> Section:
    several = len(data.variants) > 1
    rows = []
    for variant, colour in coloured(data):
        total = sum(variant.counts.values())
        bars = [
            {"name": name.replace("_", " "), "n": variant.counts[name], "share": variant.counts[name] / total, "colour": CLASS_COLOURS[name], "fits": variant.counts[name] / total > LETTER_SHARE * (len(name) + 6)}
            for name in CLASS_COLOURS if variant.counts.get(name)
        ]  # fmt: skip
        headline = f"{variant.range} of lives survive" if variant.range else ""
        rows.append({"name": variant.name if several else "", "headline": headline, "sentence": variant.odds, "bars": bars, "colour": colour})
    there = [name for name in CLASS_COLOURS if any(variant.counts.get(name) for variant in data.variants)]
    legend = [{"name": name.replace("_", " "), "words": data.class_words.get(name, ""), "colour": CLASS_COLOURS[name]} for name in there]
    body = render("study_odds", rows=rows, legend=legend, unpaired=data.unpaired, nothing=not rows, short=_in_short(data))
    return Section("odds", "Odds", "", body)


def _in_short(data: StudyPage) -> list[dict[str, str]]:
    """What the other sections found, a line each: differences of variants, and of the first variant how long it lives, the price, what decides and where it dies."""
    if not data.variants:
        return []
    first = data.variants[0]
    found = [("variants", pair.sentence) for pair in data.pairs[:3]]
    found += [("variants", sentence) for sentence in data.chosen]
    told = [("survival", [(variant, variant.survival.sentence) for variant in data.variants if variant.survival is not None])] if first.survival is not None else []
    told += [("survival", [(variant, variant.because_of_taper) for variant in data.variants])] if first.because_of_taper and first.survival is not None else []
    told += [("price", [(variant, variant.thirds) for variant in data.variants])] if first.third_rows else []
    told += [("deciding", [(variant, f"{variant.deciding.sentence} {variant.deciding.region}".strip()) for variant in data.variants if variant.deciding is not None])] if first.deciding is not None else []
    found += [(section, _of_each(data, said)[0]) for section, said in told]  # what is said of the first variant, and of all that are like it
    return [{"id": section, "sentence": sentence} for section, sentence in found]


def _pairs_section(data: StudyPage) -> Section:
    title = "What a variant changes"
    if not data.pairs:
        return Section("variants", title, absent="there is one variant" if len(data.variants) <= 1 else "no two of the variants are of one study")
    figure = ranges_figure("Difference of the odds", "points of a hundred lives; the line is the 95 % interval", [pair.row for pair in data.pairs], low=-1.0, high=1.0, as_points=True)
    lead = "Each pair of lives has the same luck and the same drawn values, and differs by the variant alone; so a difference is known more closely than the odds themselves."
    return Section("variants", title, lead, _sentences([*(pair.sentence for pair in data.pairs), *data.chosen]) + figure)


def _map_section(data: StudyPage) -> Section:
    title, found = "Where a variant changes it", data.map
    if found.data is None:
        return Section("the-map", title, absent=found.why_not)
    attribution = found.data.payload["attribution"]
    body = _sentences(found.sentences) + render("map", n_cells=found.data.n_cells, coarsened_to=found.data.coarsened_to, every_months=1, several_months=False, attribution=attribution, margin=None, people=None, nodes=data.nodes)
    return Section("the-map", title, "The last day, cell by cell: the mean over pairs of lives on the same luck. Blue: more in the first variant; red: fewer.", body)


def _survival_section(data: StudyPage) -> Section:
    title = "How long they live"
    curves = [(variant.name, colour, variant.survival) for variant, colour in coloured(data) if variant.survival is not None]
    why_not = _of_each(data, [(variant, variant.no_survival) for variant in data.variants if variant.survival is None])
    if not curves:
        return Section("survival", title, absent=" ".join(why_not).rstrip(".") or "no life has ended yet")
    said = _of_each(data, [(variant, variant.survival.sentence if variant.survival is not None else variant.no_survival) for variant in data.variants])
    causes = [figure for name, _, part in curves if (figure := causes_figure(name if len(data.variants) > 1 else "Collapsed", part.causes, SIDES))]
    body = _sentences(said) + survival_figure([(name, colour, part.curve) for name, colour, part in curves])
    if causes:
        body += Markup('<div class="small-charts">{}</div><p class="fine">A collapse is counted to the side that gave way first; the sides add up to all collapses.</p>').format(Markup("").join(causes))
    body += _sentences(_of_each(data, [(variant, variant.because_of_taper) for variant in data.variants]))
    body += Markup("<h3>How early a collapse can be told</h3>") + _sentences(_of_each(data, [(variant, variant.low_return) for variant in data.variants if variant.survival is not None]))
    return Section("survival", title, "From the day on which the subsidy begins to fade. Lives that were dead by then come first, and are in no curve.", body)


def _fans_section(data: StudyPage) -> Section:
    title = f"{capital(data.nodes)}, usage, price"
    figures: list[Markup] = []
    for column, (words, unit) in data.fan_columns.items():
        fans = [(variant.name, colour, variant.fans[column]) for variant, colour in coloured(data) if column in variant.fans]
        figures += fan_figures(words, unit, fans, is_log=column == "price_usd", taper=data.taper)
    if not figures:
        return Section("fans", title, absent=data.no_fans or "there is nothing to draw")
    fewest = any(table["n_lives"].max() < 20 for variant in data.variants for table in variant.fans.values())
    lead = "The line is the median life of each date; half of all lives lie in the darker band, and 90 of 100 in the lighter one." + (" With fewer than 20 lives the lighter band is left out." if fewest else "")
    return Section("fans", title, lead, Markup("").join(figures))


def _price_section(data: StudyPage) -> Section:
    title = "Does it live off the price?"
    rows = [variant for variant in data.variants if variant.third_rows]
    if not rows and not data.flat_price:
        return Section("price", title, absent=next((variant.thirds.rstrip(".") for variant in data.variants if variant.thirds), "no life has ended yet"))
    parts = _sentences([*_of_each(data, [(variant, variant.thirds) for variant in data.variants]), *data.flat_price])
    for variant, colour in coloured(data):
        parts += _shares(_title(data, variant, "Share that survives"), "by thirds of the price outside; the line is the 95 % interval", variant.third_rows, colour)
    lead = "Lives sorted by what the token's price owes to luck alone (mean of the judged year, in a market in which nobody of the network buys or sells). Odds that are good only in the highest third hang on the price."
    return Section("price", title, lead, parts)


def _deciding_section(data: StudyPage) -> Section:
    title = "What decides it"
    there = [(variant, colour, variant.deciding) for variant, colour in coloured(data) if variant.deciding is not None]
    if not there:
        return Section("deciding", title, absent="nothing was drawn: the lives differ by luck alone (to draw what is not known: --draws)" if data.variants else "no life has ended yet")
    body = Markup("")
    for variant, colour, part in there:
        body += Markup("<h3>{}</h3>").format(variant.name) if len(data.variants) > 1 else Markup("")
        body += _sentences([part.sentence]) + _shares(part.title, part.unit, part.rows, colour)
        body += Markup('<p class="said"><b>Where it does not survive.</b> {}</p>').format(part.region) if part.region else Markup("")
    return Section("deciding", title, " ".join(dict.fromkeys(part.lead for _, _, part in there if part.lead)), body)


def _failures_section(data: StudyPage) -> Section:
    rows = [{"study": study.name, **row} for study in data.studies for row in study.failures.to_dict("records")]
    if not rows:
        return Section("failures", "Failed lives", absent="no life has failed")
    lead = "A life that failed says neither that the network lives nor that it dies; where more than one in a hundred has no verdict the odds are a range over both."
    return Section("failures", "Failed lives", lead, render("study_failures", rows=rows, several=len(data.studies) > 1))


def _running_section(data: StudyPage) -> Section:
    names = list(dict.fromkeys(name for study in data.studies for name, _ in study.running))
    table = [{"name": name, "values": [dict(study.running).get(name, "") for study in data.studies]} for name in names]
    return Section("running", "How the lives went", "", render("study_running", heads=[study.name for study in data.studies] if len(data.studies) > 1 else [], rows=table))


def _reproduce_section(data: StudyPage) -> Section:
    body = Markup("")
    for study in data.studies:
        body += Markup("<h3>{}</h3>").format(study.name) if len(data.studies) > 1 else Markup("")
        body += render("reproduce", facts=study.reproduce, versions=study.versions, geodata=[], timings={}, tables=[])
    return Section("reproduce", "How to reproduce", "scenario.yaml in the study's folder stands alone. The same scenario, points and versions give the same content of the results, by any engine and any number of workers.", body)


def _shares(title: str, unit: str, rows: Sequence[Ranged], colour: str) -> Markup:
    return ranges_figure(title, unit, rows, low=0.0, high=1.0, colour=colour)


def _title(data: StudyPage, variant: VariantPart, title: str) -> str:
    return f"{title}: {variant.name}" if len(data.variants) > 1 else title


def _named(data: StudyPage, variant: VariantPart, sentence: str) -> str:
    return f"{variant.name}: {sentence}" if len(data.variants) > 1 else sentence


def _of_each(data: StudyPage, said: Sequence[tuple[VariantPart, str]]) -> list[str]:
    """What is said of each variant, named where the page has several; once where it holds for some of them together."""
    if len(data.variants) > 1:
        return said_once((variant.name, sentence) for variant, sentence in said)
    return [sentence for _, sentence in said if sentence]


def _sentences(sentences: Sequence[str]) -> Markup:
    return Markup("").join(Markup('<p class="said">{}</p>').format(sentence) for sentence in sentences if sentence)
