"""What a scenario is worth to Canada, both sectors in one account."""
