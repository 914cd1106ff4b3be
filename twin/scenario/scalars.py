"""What one unquoted word of a scenario means: YAML 1.2, and nothing that could mean two things."""

from __future__ import annotations

import re
from datetime import date

from twin.scenario.nodes import Scalar

_MAX_DIGITS = 40
"""Longest number that is read; no quantity needs more, and endless digits cost quadratic time."""

_INTEGER = re.compile(r"[-+]?(0|[1-9]\d*|[1-9]\d{0,2}(_\d{3})+)")
_FLOAT = re.compile(r"[-+]?((0|[1-9]\d*|[1-9]\d{0,2}(_\d{3})+)(\.\d+)?|\.\d+)([eE][-+]?\d+)?")
_WHOLE_EXPONENT = re.compile(r"[-+]?\d[\d_]*[eE]\+?\d{1,2}")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

# What looks like two things, why, and how to write what was meant. The first that matches speaks.
_AMBIGUOUS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"~|Null|NULL"), "Write null to remove an inherited entry; quote it if it is text."),
    (re.compile(r"True|TRUE"), "Write true; quote it if it is text."),
    (re.compile(r"False|FALSE"), "Write false; quote it if it is text."),
    (re.compile(r"[-+]?0[\d_]+(\.\d*)?"), "Write the number without leading zeros; quote it if it is a code or a name."),
    (re.compile(r"[-+]?0[xX][\da-fA-F_]+|[-+]?0[oO][0-7_]+|[-+]?0[bB][01_]+"), "Write the number in tens; quote it if it is text."),
    (
        re.compile(r"[-+]?\d+(:[0-5]?\d){2,}(\.\d*)?"),
        "Quote it if it is a time; write a number with its unit in the name if it is a length of time.",
    ),
    (re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?"), "Write thousands with an underscore: 14_000."),
    (re.compile(r"[-+]?\d[\d_]*_[\d_]*(\.[\d_]*)?([eE][-+]?\d+)?"), "An underscore stands before each three digits: 14_000."),
    (re.compile(r"[-+]?\d+\.([eE][-+]?\d+)?"), "Write a digit after the point: 5.0."),
    (re.compile(r"<<"), "Merge keys are not part of a scenario; use `extends` or a variant."),
    (re.compile(r"="), "Quote it if it is text."),
)

_NEARLY_DATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}[Tt ].*"), "A date has no time of day: 2021-05-01."),
    (
        re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{4}-\d{2}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4}"),
        "Write a date as YYYY-MM-DD: 2021-05-01.",
    ),
)


class ScalarTrouble(ValueError):
    """A word that cannot be read, with its code and the fix."""

    def __init__(self, code: str, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.code, self.message, self.suggestion = code, message, suggestion


def read_scalar(word: str) -> Scalar:
    """The value of an unquoted word: text, number, true or false, date, or None for null.

    `NO`, `yes` and `on` are text, `1e6` and `14_000` are numbers, `12:30` is text, `2021-05-01` is a date.
    Raises ScalarTrouble for a word that could be two things.
    """
    if word == "":
        raise ScalarTrouble(
            "empty_value", "nothing stands here.", "Write a value, null to remove an inherited entry, or {} for nothing in it."
        )
    if word == "null":
        return None
    if word in ("true", "false"):
        return word == "true"
    if _DATE.fullmatch(word):
        try:
            return date.fromisoformat(word)
        except ValueError:
            raise ScalarTrouble("bad_date", f"{word} is not a day of the calendar.", "Check month and day: YYYY-MM-DD.") from None
    if _FLOAT.fullmatch(word):
        return _number(word)
    if _NO_NUMBER.fullmatch(word):
        what = "NaN is no number" if word[-1] in "nN" else "infinity is no quantity"
        raise ScalarTrouble("no_number", f"{word}: {what}.", "Every number is finite here.")
    for pattern, fix in _NEARLY_DATES:
        if pattern.fullmatch(word):
            raise ScalarTrouble("bad_date", f"{_short(word)} is not written as a date.", fix + " Quote it if it is text.")
    for pattern, fix in _AMBIGUOUS:
        if pattern.fullmatch(word):
            raise ScalarTrouble("ambiguous_scalar", f"{_short(word)} could mean more than one thing.", fix)
    return word


def _number(word: str) -> int | float:
    if len(word) > _MAX_DIGITS:
        raise ScalarTrouble(
            "out_of_range", f"{_short(word)} has more digits than any quantity here needs.", f"Use at most {_MAX_DIGITS} characters."
        )
    digits = word.replace("_", "")
    if _INTEGER.fullmatch(word):
        return int(digits)
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ScalarTrouble("out_of_range", f"{_short(word)} is too large for a number.", "Every number is finite here.")
    if _WHOLE_EXPONENT.fullmatch(word) and abs(value) < 1e15:  # 1e6 counts something: a whole number
        return int(value)
    return value


def _short(word: str) -> str:
    return word if len(word) <= 30 else word[:27] + "..."


def write_scalar(value: Scalar) -> str:
    """The word that `read_scalar` turns back into `value`; text is quoted where a bare word would mean something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    return _write_text(value)


_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*")


def _write_text(text: str) -> str:
    if _BARE.fullmatch(text):
        try:
            if read_scalar(text) == text:
                return text
        except ScalarTrouble:
            pass
    escaped = "".join(_escape(character) for character in text)
    return f'"{escaped}"'


def _escape(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0 or code in (0x2028, 0x2029, 0xFEFF) or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF):
        return f"\\u{code:04x}"
    return character if code < 0x10000 else f"\\U{code:08x}"
