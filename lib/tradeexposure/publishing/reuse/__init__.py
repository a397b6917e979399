"""What readers take with them: the workbook, the brief on paper, citations, the card that stands for a page.

May import: core, data, policy, reporting.
"""
