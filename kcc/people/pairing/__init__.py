"""The administrator's pages of who coaches whom; the verbs live in kcc.people.assignments."""
