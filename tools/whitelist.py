"""Names that vulture takes for unused although somebody uses them."""
