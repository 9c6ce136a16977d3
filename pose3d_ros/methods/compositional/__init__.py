"""The compositional method: bones, which add up to joints."""
