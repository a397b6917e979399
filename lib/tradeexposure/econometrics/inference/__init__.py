"""How sure an estimate is: ranges over draws, few clusters, specifications, assumptions that matter most.

May import: core.
"""
