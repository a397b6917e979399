"""What every package may use: errors, paths, files, strict YAML, units, text, and the numbers a run hands on.

May import: nothing of the project's own.
"""
