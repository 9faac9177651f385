"""Plug-ins and tools around nbgrader; its gradebook is the only one."""
