"""The floor: what a city is and what it remembers. Imports nothing else of ours."""
