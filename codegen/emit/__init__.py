"""From documents to text.

    plan.py      which classes a document becomes, by the JSON path of each object
    module.py    the fields of each class, in an order in which Python can make them
    classes.py   their text; method.py the text after them; packages.py and routing.py the files around modules
    text.py      docstrings and long lines

Plans are made for all documents before any text, since a reference needs the name of a class elsewhere.

Invariant: nothing here looks at the disk, the clock or the environment; sets are sorted before they become text.
"""
