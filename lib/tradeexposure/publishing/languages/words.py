"""Words on pages that no source spells: they come from cells of data tables and from names in code."""

#: Crops and goods, as tables of data name them.
CROPS = (
    "Wheat",
    "Durum",
    "Oats",
    "Barley",
    "Lentils",
    "Peas",
    "Soybeans",
    "Canola",
    "Flaxseed",
    "Corn",
    "Chick peas",
    "with peas",
)
#: Columns of frames and their values, as headings and legends write them.
COLUMNS = (
    "Data",
    "Class",
    "Direction",
    "Loses",
    "Gains",
    "Paused",
    "Cancelled",
    "Going on",
    "Fit",
    "Calendar year",
    "Crop year",
    "No trend",
    "Loses (orange)",
    "Low",
    "High",
    "Value",
    "Name",
    "Kind",
    "Group",
    "Series",
    "Window",
    "Event",
    "Option",
    "Share of variance",
    "In force",
    "Suspended",
    "Family",
    "Span",
    "Quarter",
    "Crop",
    "Good",
    "Diesel",
    "Specification",
    "Cohort",
    "Trucks",
    "Parts",
    "Batteries",
    "Vehicle parts",
    "Canola oil, refined",
    "Canola oil, crude",
    "trend",
    "constant",
    "any",
    "full",
    "by destination",
    "scale",
    "gain",
    "likely",
    "unlikely",
    "medium",
    "medium-high",
    "medium-low",
    "high",
    "low",
    "battery-electric",
    "Canola meal",
    "Refined canola oil",
    "Crude canola oil",
    "short baseline",
    "long baseline",
    "Seed alone",
    "1 month",
    "{share} interval",
    "origins {span}",
    "several causes, not separated",
    "two-sided",
    "one-sided",
    "doubled",
    "published",
    "log-linear",
    "exact",
    "rest of the world",
    "on the base of {base}",
    "with {years}",
    "for {output}, {assumption}",
)
#: What a heading says of a drawn range, after the axis title.
ENDS = ("{what}: low", "{what}: high", "{what}: low ({span})", "{what}: high ({span})")
#: Columns of ``policy.duty_tables``, whose frames are shown under their own names.
DUTIES = ("Goods and border", "Duty", "Legal reference", "In force since", "Rate the day before", "Set by")
#: The stamp of a run, as ``page.stamp`` names its lines.
STAMP = ("Scenario", "Parameters", "Sources", "Commit before it", "Finished", "Packages", "Data vintages")
#: What a page in another language says of itself.
LANGUAGE = (
    "This page in French",
    "This page in English",
    "The working below is in English.",
    "{count} rows",
    "part {index}",
)
#: Units and notes that stand between numbers.
NOTES = ("no entry", "not stated", "not held", "this page", "not published", "left out", "loses", "gains", "at least")
#: Kinds of measures, as the vocabulary of ``data/parameters`` spells them.
KINDS = ("No entry", "Suspension", "Agreement", "Proposal", "Remission", "Preference", "Estimate", "Ruling", "Mfn",
         "Domestic policy",
         "Quota", "Threat", "Investigation", "Dispute", "Surtax", "Support", "Duty", "Licence suspension")  # fmt: skip
#: Measures of the matrix without their days, which stand beneath them.
MATRIX = ("US duty on vehicles", "US duties on parts", "US duties on batteries", "Canada's surtax on US vehicles",
          "Canada's surtax on China-built EVs", "Quota of 49,000 China-built EVs", "Capital stopped",
          "since {day}", "loses: {what}")  # fmt: skip
