"""What a published number rests on: explained for a person, and for machines in the formats of archives.

May import: core, data, policy, reporting, publishing.
"""
