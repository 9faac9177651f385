"""Constants for both sides of the walls. They are not in `walls.py`, because only Linux can import it."""

# Real root becomes one of these users, a new one for each fork, so that their process counts are separate.
FIRST_USER, USERS = 61_000, 4_000
# Folders of kernels' sockets: all sockets in the server's view, and a kernel's own in its view.
SOCKETS, OWN_SOCKETS = "/run/rooms", "/run/room"
# Control groups for the rooms, in the server's view only.
GROUPS = "/run/groups"
