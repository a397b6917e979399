"""Provinces and countries by the one name each has here, and the codes of result identifiers."""

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
CHINA = "China"  # publishers also write "China P.R." and "CHN"; their readers rename it
