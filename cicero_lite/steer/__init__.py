"""Steering: controls that change what the agent wants and says, each a term of its mathematics."""
