"""A seat at the table: games of people and agents, played in the browser."""
