"""A farm's own numbers: what each scenario changes on a farm's canola, by its acres, yield and price.

May import: core, data, policy, reporting, publishing.
"""
