"""The lexicon compiler: from the JSON documents below `lexicons/` to typed Python below `src/tonearm/lexicons/`.

A pure function, documents to `{path: text}`, with a command line around it (`python -m codegen`):

    document.py    one file, parsed and held against the meta-schema, into the frozen dataclasses of schema.py
    resolve.py     all files: what each reference means, which name everything gets, which modules name each other
    types.py       one lexicon type to one Python type expression
    render.py      one document to one module; packages.py and routing.py the files between and above them
    drift.py       what is on disk against what would be generated
    compat.py      a new version of the documents against an old one, by the rules of lexicon evolution

Rejected: generating while a server starts, which hides the types from readers and from mypy; and stopping at the first
bad reference, since documents of other authors always have some. Every problem of every file is reported in one run,
what can be generated is, and the exit status says that something was wrong.

Invariant: the output depends on the documents alone. The same documents give the same bytes on every machine, and
nothing below `src/tonearm/lexicons/` is written by hand.

The compiler and the program do not import each other: what generated code needs at run time is in `tonearm.xrpc`.
"""
