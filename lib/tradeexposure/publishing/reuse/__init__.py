"""What readers take with them: the workbook, the numbers that a chart shows, citations, the card of an edition.

May import: core, data, policy, reporting, publishing.
"""
