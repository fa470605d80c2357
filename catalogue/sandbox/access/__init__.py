"""Sample committees, people, forms and requests for the demo, made by the domain's own commands.

Nothing here decides or checks: what the commands refuse, the demo does not have.
"""
