"""What is made of a report: the JSON file, the page, JUnit's file, the badge, the diff of two."""
