/// Empty for now.
enum Nothing {}
