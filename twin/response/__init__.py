"""How a network answers to what is turned: one change at a time on the same luck, beside the signs that must come out (`twin respond`)."""

from twin.response.levers import Lever, levers_of, multiplied
from twin.response.signs import Expectation, expectations
from twin.response.table import Answer, Response, respond

__all__ = ["Answer", "Expectation", "Lever", "Response", "expectations", "levers_of", "multiplied", "respond"]
