"""Games between agents, and the record they leave."""
