"""Pages of an edition: made by any worker, and kept for editions that have the same.

May import: core, data, publishing, runner.
"""
