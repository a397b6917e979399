"""What a published number rests on: explained for a person, and for searches, loaders and archives in their formats.

May import: core, data, policy, reporting, publishing.
"""
