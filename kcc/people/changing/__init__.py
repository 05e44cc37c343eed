"""The administrator's pages that begin, change and end functions; the verbs live in kcc.people.functions."""
