"""A seeded city that speaks the real protocols on loopback. Imports nothing of ours.

Everything is invented and every row says so (`simulated`): no real hospital, person or address.
What happened on a day follows from the seed and the day alone, so a restart tells the same story.
`README.md` beside this file has every address, column and option.
"""
