"""What a published number rests on: explained for a person, and for machines in the formats of archives.

All of it is read from the executed notebooks of an edition, in which the book noted how each number was made.
"""
