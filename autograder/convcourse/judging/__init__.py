"""From an answer to a verdict. Nothing here touches a file or starts a process."""
