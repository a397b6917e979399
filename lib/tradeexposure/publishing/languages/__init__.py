"""Pages in another language than the notebooks': messages, and how rendered text is read back through them.

May import: core, data, policy, reporting, publishing.
"""
