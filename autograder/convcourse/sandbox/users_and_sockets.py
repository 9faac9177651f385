"""What both sides of the walls agree on. Apart from `walls.py`, which only Linux can import."""

# Real root becomes one of these users, a fresh one for each fork, so that their process counts are apart.
FIRST_USER, USERS = 61_000, 4_000
# Where kernels have their sockets: all of them as the server sees them, and a kernel's own as it sees it.
SOCKETS, OWN_SOCKETS = "/run/rooms", "/run/room"
