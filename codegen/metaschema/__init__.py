"""What a lexicon document may say: every type, every keyword, and what keywords demand of each other.

Each parser takes a `Node`, asks it for the keywords of its type, and closes it; what nobody asked for is a fault. A
faulty part becomes a neutral value and parsing goes on, so that one run shows every fault of a file.

Rejected: a meta-schema in JSON Schema or pydantic. Their errors speak of unions and branches, not of lexicons, and half
of the rules (a default that its own enum refuses) are beyond them.
"""
