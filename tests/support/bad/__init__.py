"""Tables of bad input: what is wrong, and the line that tells it."""
