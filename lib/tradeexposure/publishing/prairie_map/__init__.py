"""The map: canola by census subdivision of the Prairies, and receipts at stake by agricultural region.

May import: core, data, reporting, publishing.
"""
