"""What readers take with them: the workbook, citations, the card that stands for a page.

May import: core, data, policy, reporting.
"""
