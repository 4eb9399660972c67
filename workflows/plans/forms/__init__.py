"""The forms of the incident command system, each a pure function of the facts.

Numbers and names of blocks follow the ICS Forms Booklet, FEMA 502-2, which is in the public domain.
"""
