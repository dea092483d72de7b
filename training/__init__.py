"""How models are made: everything here imports the other packages, nothing imports it."""
