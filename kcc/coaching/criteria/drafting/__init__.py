"""The pages on which the coaches write the next version of the form; the verbs live in criteria.editing."""
