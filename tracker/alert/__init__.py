"""Tell whoever asked to know.

`rules` chooses who is told, `messages` writes what they are told, `retry` says when to try again; these compute only.
`channels` delivers a finished message and is the only part that touches the network, and so is not imported here.
"""
