"""A language model with no scaffolding in a seat: `prompt` asks, `answers` reads, `seat` plays, `tally` counts."""
