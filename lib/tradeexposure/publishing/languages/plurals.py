"""Messages that count something, in singular and plural."""

#: Messages that count → the singular of each; its number is the first that stands in it.
SINGULARS = {
    "{rows} rows": "{rows} row",
    "{count} rows": "{count} row",
    "{hits} rows": "{hits} row",
    "Other importers: {count} rows": "Other importers: {count} row",
    "Goods of which only some measures are on file: {count} rows":
        "Goods of which only some measures are on file: {count} row",
    "{pages} pages<span> of {scenario}</span>": "{pages} page<span> of {scenario}</span>",
    "All other {others} published numbers": "The other {others} published number",
    "All {others} published numbers": "The {others} published number",
    "{count} scenarios side by side": "{count} scenario side by side",
    "{count} provinces as placebos": "{count} province as placebo",
    "{family}, {NAMES}, {years} years ahead": "{family}, {NAMES}, {years} year ahead",
    "Origins checked {years} years ahead": "Origins checked {years} year ahead",
    "Of the origins checked {years} years ahead, spans that do not overlap":
        "Of the origins checked {years} year ahead, spans that do not overlap",
}  # fmt: skip
