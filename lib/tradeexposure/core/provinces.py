""" """

from __future__ import annotations

PROVINCES = {
    "British Columbia": "bc",
    "Alberta": "ab",
    "Saskatchewan": "sk",
    "Manitoba": "mb",
    "Ontario": "on",
    "Quebec": "qc",
    "New Brunswick": "nb",
    "Nova Scotia": "ns",
    "Prince Edward Island": "pe",
    "Newfoundland and Labrador": "nl",
}
CANADA = "Canada"
CODES = {**PROVINCES, CANADA: "canada"}
