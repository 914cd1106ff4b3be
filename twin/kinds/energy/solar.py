"""Sun over a tilted roof: day length, daily yield, hourly shape, and what no panel can exceed under a clear sky.

Extraterrestrial radiation in the form of FAO paper 56; clearness index Kt by latitude from the scenario's table; performance ratio 0.80 and tilt
0.76 |latitude| + 3.1 degrees towards the equator are assumed (dossier 4.3). Cannot answer: horizons, snow, shade, albedo other than 0.2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats

PERFORMANCE = 0.80
GROUND_ALBEDO = 0.2
MOST_BEAM_GAIN = 8.0
HOURS = np.arange(24) + 0.5


def _sun(lat_deg: ArrayLike, day_of_year: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """Latitude, declination, sunset hour angle (radians) and relative distance of the sun."""
    phi = np.radians(np.asarray(lat_deg, np.float64))
    turn = 2 * np.pi * np.asarray(day_of_year, np.float64) / 365  # FAO paper 56 counts days of the year so
    declination = 0.409 * np.sin(turn - 1.39)
    sunset = np.arccos(np.clip(-np.tan(phi) * np.tan(declination), -1.0, 1.0))
    return phi, declination, sunset, 1 + 0.033 * np.cos(turn)


def day_length_hours(lat_deg: ArrayLike, day_of_year: ArrayLike) -> Floats:
    """Hours from sunrise to sunset, 0 in the polar night."""
    return np.asarray(24 / np.pi * _sun(lat_deg, day_of_year)[2])


def _geometry(phi: ArrayLike, declination: ArrayLike, sunset: ArrayLike) -> Floats:
    return np.asarray(sunset * np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.sin(sunset), np.float64)


def above_the_air_kwh_per_m2(lat_deg: ArrayLike, day_of_year: ArrayLike) -> Floats:
    """H0: energy on a horizontal square metre above the atmosphere in one day."""
    phi, declination, sunset, distance = _sun(lat_deg, day_of_year)
    return np.maximum(24 * 60 / np.pi * 0.0820 * distance * _geometry(phi, declination, sunset) / 3.6, 0.0)


def _beam_gain(lat_deg: ArrayLike, day_of_year: ArrayLike) -> tuple[Floats, Floats]:
    """Direct light on the tilted roof over that on level ground, and the tilt in radians."""
    phi, declination, sunset, _ = _sun(lat_deg, day_of_year)
    tilt = np.radians(0.76 * np.abs(np.asarray(lat_deg, np.float64)) + 3.1)
    roof = phi - np.sign(phi) * tilt
    sees = np.minimum(sunset, np.arccos(np.clip(-np.tan(roof) * np.tan(declination), -1.0, 1.0)))
    level = _geometry(phi, declination, sunset)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(level > 1e-9, _geometry(roof, declination, sees) / level, 0.0)
    return np.clip(gain, 0.0, MOST_BEAM_GAIN), tilt


def yield_kwh_per_kw(lat_deg: ArrayLike, day_of_year: ArrayLike, clearness: ArrayLike) -> Floats:
    """Output of one kW of panels on an average day of that date."""
    kt = np.asarray(clearness, np.float64)
    gain, tilt = _beam_gain(lat_deg, day_of_year)
    diffuse = 1.39 - 4.03 * kt + 5.53 * kt**2 - 3.11 * kt**3
    tilted = (1 - diffuse) * gain + diffuse * (1 + np.cos(tilt)) / 2 + GROUND_ALBEDO * (1 - np.cos(tilt)) / 2
    return np.asarray(PERFORMANCE * tilted * kt * above_the_air_kwh_per_m2(lat_deg, day_of_year))


def clear_sky_bound_kwh_per_kw(lat_deg: ArrayLike, day_of_year: ArrayLike) -> Floats:
    """What no honest meter shows: all light above the air, on the tilted roof where that sees more.

    The dossier's bound (H0 x 0.8) lies below honest winter output beyond 50 degrees, where a tilted roof sees several times the light of level ground.
    """
    gain, _ = _beam_gain(lat_deg, day_of_year)
    return PERFORMANCE * above_the_air_kwh_per_m2(lat_deg, day_of_year) * np.maximum(gain, 1.0)


def hourly_shape(day_length: ArrayLike, hours: ArrayLike = HOURS) -> Floats:
    """Share of the day's output in each hour (last axis, by its middle): a cosine between sunrise and sunset, nothing outside, 0 in the polar night."""
    length = np.asarray(day_length, np.float64)[..., None]
    off = np.abs(np.asarray(hours, np.float64) - 12.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        light = np.where((off < length / 2) & (length > 0), np.cos(np.pi * off / np.maximum(length, 1e-9)), 0.0)
        total = light.sum(axis=-1, keepdims=True)
        return np.where(total > 0, light / total, 0.0)
